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

/** Starts a module in a thread, from source or from the build, whichever `from`, the URL of its neighbour, is: `./replica-thread`. */
export function startThread(
  module: string,
  from: string,
  data: Readonly<Record<string, unknown>>,
): Worker {
  if (!from.endsWith('.ts')) return new Worker(new URL(`${module}.js`, from), { workerData: data });
  const entry = new URL(`${module}.ts`, from).href;
  return new Worker(fromSource, { eval: true, workerData: { ...data, loader, entry } });
}
