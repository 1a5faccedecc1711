import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type Device, js } from '@tenon/core';

const gate = process.env.TENON_TEST_GATE ?? '';

/** Devices of a task in a process of its own whose runs wait while a file is there, and say by another that they do. */
export function devices(): readonly Device[] {
  const inner = js();
  const gated: Partial<Device> = {
    synchronous: false,
    compile(program, variables) {
      const executable = inner.compile(program, variables);
      return {
        write: (index, value) => executable.write(index, value),
        read: (index) => executable.read(index),
        commit: () => executable.commit(),
        free: () => executable.free(),
        async run(context) {
          if (existsSync(gate)) writeFileSync(`${gate}-${process.pid}`, '');
          while (existsSync(gate)) await wait(5);
          await executable.run(context);
        },
      };
    },
  };
  return [
    new Proxy(inner, {
      get: (target, key) => Reflect.get(key in gated ? gated : target, key, target),
    }),
  ];
}
