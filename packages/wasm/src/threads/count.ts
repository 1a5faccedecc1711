import { builtinModule } from '../encoder/builtin-module.js';

interface Browser {
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: unknown;
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

/** Whether threads can share memory: in Node, and in browsers on pages that are isolated from other origins. */
export function sharedMemoryWorks(): boolean {
  if (typeof SharedArrayBuffer === 'undefined') return false;
  if (builtinModule('node:worker_threads')) return true;
  const { crossOriginIsolated, Worker } = globalThis as Browser;
  return crossOriginIsolated === true && Worker !== undefined;
}

/** Threads that run at once here; 1 where they cannot share memory. */
export function availableThreads(): number {
  if (!sharedMemoryWorks()) return 1;
  const { navigator } = globalThis as Browser;
  return builtinModule('node:os')?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 1;
}

/** Whether this thread may sleep: the main thread of a page may not. */
export function maySleep(): boolean {
  const word = new Int32Array(new SharedArrayBuffer(4));
  try {
    // It holds 0, so the wait ends at once where it is allowed.
    Atomics.wait(word, 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
