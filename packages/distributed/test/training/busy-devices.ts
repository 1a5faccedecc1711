import { type Device, js } from '@tenon/core';

// Told in the URL: busy-devices.ts?ms=1200.
const busyMs = Number(new URL(import.meta.url).searchParams.get('ms'));

/** A js device whose first run of each program keeps its thread for longer than a lease lasts. */
function busy(): Device {
  const inner = js();
  const compile = inner.compile.bind(inner);
  inner.compile = (program, variables) => {
    const executable = compile(program, variables);
    const run = executable.run.bind(executable);
    executable.run = (context) => {
      const end = performance.now() + busyMs;
      while (performance.now() < end);
      return run(context);
    };
    return executable;
  };
  return inner;
}

export const devices = () => [busy()];
