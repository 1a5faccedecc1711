import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What a process holds: sockets, ports, timers and so on by kind, and bytes of memory after everything else was collected. */
export interface Holdings {
  readonly resources: readonly string[];
  readonly bytes: number;
}

/** Of this process. */
export async function holdings(): Promise<Holdings> {
  // Some objects are let go only by the turn of the event loop after they were found unused.
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  // What the next turn of the event loop does is held by nobody.
  const resources = process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate');
  return { resources: resources.sort(), bytes: heapUsed + external };
}
