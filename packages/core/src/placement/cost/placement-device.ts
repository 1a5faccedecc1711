import type { Device } from '../../devices/device.js';
import type { LoweringTarget } from '../../lower/lower.js';
import type { Link } from '../schedule/problem.js';
import { type Rates, ratesOf } from './rates.js';

/** What placement knows of a device. */
export interface PlacementDevice extends LoweringTarget {
  readonly name: string;
  readonly kind: string;
  /** The most memory. */
  readonly bytes: number;
  readonly rates: Rates;
  /** Devices with the same one run one at a time. */
  readonly processor: string;
}

/**
 * A device as it is: those of one task of a cluster share its thread, those of this process that run synchronously the thread that
 * calls them.
 */
export function describedDevice(device: Device): PlacementDevice {
  const { name, kind, limits, synchronous, fuses = false, sweeps = false } = device;
  const task = name.slice(0, Math.max(0, name.indexOf('/device:')));
  return {
    name,
    kind,
    bytes: limits.bytes,
    rates: ratesOf(device),
    processor: task || (synchronous ? 'this thread' : name),
    fuses,
    sweeps,
    finishes: (template) => device.finishes?.(template) ?? false,
  };
}

/** How values move. */
export interface Links {
  /** Between devices of one processor: a copy in memory. */
  readonly memory: Link;
  /** Between processors. */
  readonly network: Link;
}

/** Where nothing else is said: 10 us and 2 GB/s for a copy in memory, 1.5 ms and 0.25 GB/s between processes, as gRPC has on one machine. */
export const usualLinks: Links = {
  memory: { latency: 1e-5, secondsPerByte: 1 / 2e9 },
  network: { latency: 1.5e-3, secondsPerByte: 1 / 2.5e8 },
};
