import { Worker } from 'node:worker_threads';

// A thread does not inherit the loader of TypeScript that its process was started with.
const fromSource = `
  import('tsx/esm/api').then(({ register }) => {
    register();
    return import(require('node:worker_threads').workerData.entry);
  });
`;

/** Starts a module of this folder in a thread: `./replica-thread`, from source or from the build, whichever this is. */
export function startThread(name: string, data: Readonly<Record<string, unknown>>): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL(`${name}.js`, import.meta.url), { workerData: data });
  const entry = new URL(`${name}.ts`, import.meta.url).href;
  return new Worker(fromSource, { eval: true, workerData: { ...data, entry } });
}
