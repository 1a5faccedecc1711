import type { Device, Executable, Transfers } from '@tenon/core';
import { js } from '@tenon/core';

/** A js device that counts what it receives, and what of that arrives in the memory that its programs planned for it. */
export class WatchedDevice implements Device {
  readonly name = 'js:0';
  readonly kind = 'js';
  readonly synchronous = false;
  private readonly inner = js();
  readonly limits = this.inner.limits;
  received = 0;
  landed = 0;

  allocate: Device['allocate'] = (spec) => this.inner.allocate(spec);
  write: Device['write'] = (buffer, value) => this.inner.write(buffer, value);
  read: Device['read'] = (buffer) => this.inner.read(buffer);
  free: Device['free'] = (buffer) => this.inner.free(buffer);

  compile: Device['compile'] = (program, variables): Executable => {
    const inner = this.inner.compile(program, variables);
    return {
      write: (index, value) => inner.write(index, value),
      read: (index) => inner.read(index),
      commit: () => inner.commit(),
      free: () => inner.free(),
      run: (context) => inner.run({ ...context, rendezvous: this.watched(context.rendezvous) }),
    };
  };

  close(): void {}

  private watched({ send, receive }: Transfers): Transfers {
    return {
      send,
      receive: async (key, into) => {
        const value = await receive(key, into);
        this.received++;
        if (into && value.data === into) this.landed++;
        return value;
      },
    };
  }
}
