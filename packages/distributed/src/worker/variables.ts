import {
  type Device,
  type DeviceBuffer,
  GraphError,
  type HostTensor,
  type KnownSpec,
  type Tensor,
} from '@tenon/core';

interface Home {
  readonly device: Device;
  readonly buffer: DeviceBuffer;
}

/** The variables of a session on this worker, by the numbers that the client gave them. */
export class Variables {
  private readonly homes = new Map<number, Home>();

  /** The buffers of variables on a device; those that are new get memory one after the other. Errors: DEVICE_LIMIT. */
  buffers(device: Device, numbers: readonly number[], tensors: readonly Tensor[]): DeviceBuffer[] {
    const fresh = numbers.flatMap((number, i) => (this.homes.has(number) ? [] : [i]));
    const specs = fresh.map((i) => specOf(tensors[i] as Tensor));
    const made = device.allocateRow?.(specs) ?? specs.map((spec) => device.allocate(spec));
    fresh.forEach((i, place) => {
      const buffer = made[place] as DeviceBuffer;
      this.homes.set(numbers[i] as number, { device, buffer });
    });
    return numbers.map((number) => this.home(number).buffer);
  }

  write(device: Device, number: number, value: HostTensor): void {
    if (!this.homes.has(number))
      this.homes.set(number, { device, buffer: device.allocate(specOf(value)) });
    const home = this.home(number);
    home.device.write(home.buffer, value);
  }

  async read(number: number): Promise<HostTensor> {
    const { device, buffer } = this.home(number);
    return device.read(buffer);
  }

  free(number: number): void {
    const home = this.homes.get(number);
    if (home) home.device.free(home.buffer);
    this.homes.delete(number);
  }

  freeAll(): void {
    for (const number of [...this.homes.keys()]) this.free(number);
  }

  get size(): number {
    return this.homes.size;
  }

  private home(number: number): Home {
    const home = this.homes.get(number);
    if (home) return home;
    throw new GraphError('STATE_INVALID', `variable ${number}`, {
      what: 'it has no value here yet.',
    });
  }
}

const specOf = ({ dtype, shape }: Tensor | HostTensor): KnownSpec =>
  ({ dtype, shape }) as KnownSpec;
