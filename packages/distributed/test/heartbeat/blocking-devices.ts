import { existsSync } from 'node:fs';
import { type Device, type Executable, js } from '@tenon/core';

const nap = new Int32Array(new SharedArrayBuffer(4));

/** One js device whose runs block their thread until a file is there: TENON_TEST_GATE names it. */
export function devices(): Device[] {
  const device = js();
  const compile: Device['compile'] = (program, variables) => {
    const inner = device.compile(program, variables);
    const run: Executable['run'] = (context) => {
      while (!existsSync(process.env.TENON_TEST_GATE as string)) Atomics.wait(nap, 0, 0, 10);
      return inner.run(context);
    };
    return {
      write: (index, value) => inner.write(index, value),
      read: (index) => inner.read(index),
      commit: () => inner.commit(),
      free: () => inner.free(),
      run,
    };
  };
  return [
    {
      name: device.name,
      kind: device.kind,
      synchronous: true,
      limits: device.limits,
      allocate: (spec) => device.allocate(spec),
      write: (buffer, value) => device.write(buffer, value),
      read: (buffer) => device.read(buffer),
      free: (buffer) => device.free(buffer),
      compile,
      close: () => device.close(),
    },
  ];
}
