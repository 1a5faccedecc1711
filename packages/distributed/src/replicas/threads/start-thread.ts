import { Worker } from 'node:worker_threads';

// From sources, processes run under the repository's loader of TypeScript, which threads do not inherit. Built packages need none.
const loader = 'tsx/esm/api';
const fromSource = `
  const { loader, entry } = require('node:worker_threads').workerData;
  import(loader).then(({ register }) => {
    register();
    return import(entry);
  });
`;

/** Starts a module of this folder in a thread, from source or from the build, whichever this is: `./replica-thread`. */
export function startThread(name: string, data: Readonly<Record<string, unknown>>): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL(`${name}.js`, import.meta.url), { workerData: data });
  const entry = new URL(`${name}.ts`, import.meta.url).href;
  return new Worker(fromSource, { eval: true, workerData: { ...data, loader, entry } });
}
