import { builtinModule } from '../encoder/builtin-module.js';
import type { WasmMemory, WasmModule } from '../encoder/webassembly.js';
import { workerSource } from './worker-source.js';

/** What a worker is told: how to work, first; then a program to load, or to drop. */
export type WorkerMessage =
  | {
      readonly memory: WasmMemory;
      /** Address of its line in the control block. */
      readonly line: number;
      /** How often it looks at a barrier before it sleeps. */
      readonly spins: number;
      /** Milliseconds that it looks for the next step before it sleeps. */
      readonly idle: number;
    }
  | { readonly id: number; readonly module: WasmModule }
  | { readonly id: number };

/** A thread of the host that runs `workerSource`. */
export interface StartedWorker {
  post(message: WorkerMessage): void;
  /** Fulfilled when the thread has ended, in so far as the host tells. */
  end(): Promise<void>;
}

interface BrowserWorker {
  postMessage(message: unknown): void;
  terminate(): void;
  onerror: (() => void) | null;
}

type BrowserWorkerClass = new (url: string, options: { name: string }) => BrowserWorker;

const name = 'tenon-wasm';

/** Starts a worker; `ended` is called when it cannot be used any more. Throws what the host throws. */
export function startWorker(ended: () => void): StartedWorker {
  const node = builtinModule('node:worker_threads');
  return node ? startInNode(node, ended) : startInBrowser(ended);
}

// It needs none of the process's loaders and hooks: with them it would start much later.
function startInNode(
  { Worker }: typeof import('node:worker_threads'),
  ended: () => void,
): StartedWorker {
  const worker = new Worker(workerSource, { eval: true, execArgv: [], env: {}, name });
  worker.on('error', ended);
  worker.on('exit', ended);
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    end: async () => void (await worker.terminate()),
  };
}

function startInBrowser(ended: () => void): StartedWorker {
  const { Worker } = globalThis as unknown as { Worker: BrowserWorkerClass };
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const worker = new Worker(url, { name });
  worker.onerror = ended;
  return {
    post: (message) => worker.postMessage(message),
    end: async () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
