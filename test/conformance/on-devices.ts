import { describeOps, type OpCase } from '@tenon/conformance';
import { type Device, js } from '@tenon/core';
import { wasm } from '@tenon/wasm';

const shared = wasm({ threads: 2 });

/** Makers of the devices that every op must run on alike. */
export const devices: Readonly<Record<string, () => Device>> = {
  js: () => js(),
  wasm: () => shared,
};

/** Describes rows of the op table once for each device. */
export function describeOnDevices(title: string, rows: readonly OpCase[]): void {
  for (const [name, device] of Object.entries(devices)) {
    describeOps(`${title} on ${name}`, rows, { device });
  }
}
