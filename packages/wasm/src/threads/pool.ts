import { GraphError } from '@tenon/core';
import type { WasmMemory, WasmModule } from '../encoder/webassembly.js';
import { control, mostThreads, workerLine } from './control.js';
import { availableThreads, maySleep } from './count.js';
import { PoolWorker } from './pool-worker.js';

// A barrier is mostly passed within some microseconds, and a sleeping thread takes tens of them to wake. Where threads share
// a core, whoever spins keeps the others from arriving.
const spins = { alone: 20_000, crowded: 100 };
const idleMilliseconds = { alone: 0.05, crowded: 0 };

type Step = (thread: number, threads: number, phase: number) => void;

export interface ThreadRun {
  /** How many threads, the calling one included; fewer are taken where fewer are ready. */
  readonly threads: number;
  readonly phase: number;
  /** The step of the calling thread's instance. */
  readonly step: Step;
}

/**
 * The threads of a device: the calling one, and workers that start with the first program. Nothing here waits for a message:
 * a worker takes part as soon as it has loaded what was sent to it. Steps end with a barrier over all their threads.
 */
export class ThreadPool {
  /** Threads that there can be, the calling one included. */
  readonly most: number;
  private readonly memory: WasmMemory;
  private readonly spins: number;
  private readonly idle: number;
  private readonly programs = new Set<number>();
  private workers: PoolWorker[] | undefined;
  private words: Int32Array = new Int32Array(0);
  private lastId = 0;
  private running = false;

  constructor({ memory, threads }: { memory: WasmMemory; threads: number }) {
    this.memory = memory;
    this.most = Math.min(threads, mostThreads);
    const load = this.most > availableThreads() ? 'crowded' : 'alone';
    this.spins = spins[load];
    this.idle = idleMilliseconds[load];
  }

  /** Threads that can run now. */
  get size(): number {
    if (this.running) return 1;
    let size = 1;
    for (const worker of this.workers ?? []) if (worker.ready) size++;
    return size;
  }

  /** What an instance of the calling thread imports from `host`. */
  imports(
    memory: WasmMemory,
    call: (id: number, address: number) => void,
  ): Readonly<Record<string, unknown>> {
    return { memory, call, spins: this.most > 1 && !maySleep() ? -1 : this.spins };
  }

  /** Starts the workers, which takes them some tens of milliseconds; called early, they start while programs are compiled. */
  start(): void {
    this.workers ??= this.startWorkers();
  }

  /** Sends a program to the workers, and gives its number. */
  load(module: WasmModule): number {
    const id = ++this.lastId;
    this.programs.add(id);
    this.start();
    for (const worker of this.workers ?? []) worker.post({ id, module });
    return id;
  }

  /** Threads that can run this program now. */
  ready(id: number): number {
    return this.programs.has(id) ? this.size : 1;
  }

  /** Runs a step on several threads, and returns when all have ended. Errors: RUN_FAILED. */
  run(id: number, { threads, phase, step }: ThreadRun): void {
    const used = Math.min(threads, this.ready(id));
    if (used === 1) {
      step(0, 1, phase);
      return;
    }
    const { words } = this;
    words[control.program / 4] = id;
    words[control.threads / 4] = used;
    words[control.phase / 4] = phase;
    this.running = true;
    try {
      this.call(used);
      step(0, used, phase);
    } catch (error) {
      void this.close();
      throw error;
    } finally {
      this.running = false;
    }
    if (Atomics.load(words, control.aborted / 4) !== 0) throw this.failure();
  }

  unload(id: number): void {
    if (this.programs.delete(id)) for (const worker of this.workers ?? []) worker.post({ id });
  }

  /** Ends the workers; what runs afterwards runs on the calling thread. */
  async close(): Promise<void> {
    const workers = this.workers ?? [];
    this.workers = [];
    if (this.running) this.abort();
    await Promise.all(workers.map((worker) => worker.end()));
  }

  // Where the host starts no workers, the calling thread does all the work.
  private startWorkers(): PoolWorker[] {
    const { memory, idle } = this;
    this.words = new Int32Array(memory.buffer, 0, control.bytes / 4);
    const workers: PoolWorker[] = [];
    try {
      while (workers.length < this.most - 1) {
        const line = control.workers + workers.length * workerLine.bytes;
        const worker = new PoolWorker(this.words, line);
        workers.push(worker);
        worker.post({ memory, line, idle, spins: this.spins });
      }
    } catch {
      for (const worker of workers) void worker.end();
      return [];
    }
    return workers;
  }

  private call(threads: number): void {
    let thread = 1;
    for (const worker of this.workers ?? []) {
      if (thread === threads) break;
      if (worker.ready) worker.call(thread++);
    }
  }

  // Threads that wait leave their barriers and end the step, whatever it computes.
  private abort(): void {
    const generation = control.generation / 4;
    Atomics.store(this.words, control.aborted / 4, 1);
    Atomics.add(this.words, generation, 1);
    Atomics.notify(this.words, generation);
  }

  private failure(): GraphError {
    const { buffer } = this.memory;
    const [length] = new Int32Array(buffer, control.error, 1) as unknown as [number];
    // A decoder takes no shared bytes.
    const bytes = new Uint8Array(buffer, control.error + 4, length).slice();
    const text = length > 0 ? new TextDecoder().decode(bytes) : 'the device was closed';
    void this.close();
    return new GraphError('RUN_FAILED', 'wasm', {
      what: `a thread stopped: ${text}.`,
      fix: 'run again from the last checkpoint; this device goes on with one thread.',
    });
  }
}
