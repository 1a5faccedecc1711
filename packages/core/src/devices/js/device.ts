import { GraphError } from '../../errors.js';
import { dtypes, type TypedArray } from '../../graph/dtype.js';
import { HostTensor } from '../../graph/host-tensor.js';
import { sizeOf } from '../../graph/shape.js';
import type { KnownSpec } from '../../lower/lowering.js';
import type { Program } from '../../lower/program.js';
import type { Device, DeviceBuffer, Executable } from '../device.js';
import { allocated, readHost, writeHost } from '../memory.js';
import { JsExecutable } from './executable.js';

interface JsBuffer extends DeviceBuffer {
  readonly view: TypedArray;
}

export interface JsOptions {
  /** Number of the device among those of its kind. Default 0. */
  readonly index?: number;
  /** The most memory of one run, in bytes. Default 4 GiB. */
  readonly bytes?: number;
  /** Runs kernels of several ops in one, as faster devices do: the results have the same bits. Default false. */
  readonly fuse?: boolean;
}

/** The device that defines what every op means: plain JavaScript on one thread, anywhere JavaScript runs. */
export class JsDevice implements Device {
  readonly kind = 'js';
  readonly synchronous = true;
  readonly name: string;
  readonly limits: { readonly bytes: number };

  readonly fuses: boolean;

  constructor({ index = 0, bytes = 2 ** 32, fuse = false }: JsOptions = {}) {
    this.name = `js:${index}`;
    this.limits = { bytes };
    this.fuses = fuse;
  }

  get sweeps(): boolean {
    return this.fuses;
  }

  finishes(): boolean {
    return this.fuses;
  }

  allocate(spec: KnownSpec): DeviceBuffer {
    this.checkBytes(sizeOf(spec.shape) * dtypes[spec.dtype].bytes, 'a variable');
    return { spec, view: allocated(spec) } as JsBuffer;
  }

  write(buffer: DeviceBuffer, value: HostTensor): void {
    writeHost((buffer as JsBuffer).view, buffer.spec.dtype, value);
  }

  read(buffer: DeviceBuffer): HostTensor {
    const { dtype, shape } = buffer.spec;
    return new HostTensor(readHost((buffer as JsBuffer).view, dtype), shape, dtype);
  }

  free(_buffer: DeviceBuffer): void {}

  compile(program: Program, variables: readonly DeviceBuffer[]): Executable {
    this.checkBytes(program.arenaBytes, 'the intermediate values of this run');
    return new JsExecutable(
      program,
      variables.map((buffer) => (buffer as JsBuffer).view),
    );
  }

  close(): void {}

  private checkBytes(bytes: number, what: string): void {
    if (bytes <= this.limits.bytes) return;
    throw new GraphError('DEVICE_LIMIT', this.name, {
      what: `${what} would take ${bytes} bytes; the device has ${this.limits.bytes}.`,
      fix: 'use a smaller batch or model, or place parts on another device.',
    });
  }
}

/** The JavaScript device as an option of a session: `new Session({ devices: [js()] })`. */
export const js = (options: JsOptions = {}): Device => new JsDevice(options);
