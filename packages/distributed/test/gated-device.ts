import { type Device, type DeviceBuffer, type Executable, js, type Program } from '@tenon/core';

/** A js device whose runs wait at a gate while it is shut. */
export class GatedDevice implements Device {
  readonly kind = 'js';
  readonly synchronous = false;
  readonly name = 'js:0';
  readonly limits = { bytes: 2 ** 32 };
  private readonly inner = js();
  private gate: Promise<void> | undefined;
  private release = () => {};
  /** Settles when a run waits at the gate. */
  arrived: Promise<void> = Promise.resolve();
  private arrive = () => {};

  shut(): void {
    this.gate = new Promise((resolve) => {
      this.release = resolve;
    });
    this.arrived = new Promise((resolve) => {
      this.arrive = resolve;
    });
  }

  open(): void {
    this.release();
    this.gate = undefined;
  }

  allocate = (spec: Parameters<Device['allocate']>[0]) => this.inner.allocate(spec);
  write: Device['write'] = (buffer, value) => this.inner.write(buffer, value);
  read: Device['read'] = (buffer) => this.inner.read(buffer);
  free: Device['free'] = (buffer) => this.inner.free(buffer);

  compile(program: Program, variables: readonly DeviceBuffer[]): Executable {
    const inner = this.inner.compile(program, variables);
    return {
      write: (index, value) => inner.write(index, value),
      read: (index) => inner.read(index),
      commit: () => inner.commit(),
      free: () => inner.free(),
      run: async (context) => {
        this.arrive();
        await this.gate;
        await inner.run(context);
      },
    };
  }

  close(): void {}
}
