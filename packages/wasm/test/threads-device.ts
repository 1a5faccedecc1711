import { type WasmMemory, type WasmModule, webAssembly } from '../src/encoder/webassembly.js';
import { ThreadPool } from '../src/threads/pool.js';
import { counting } from './threads-counting.js';

export interface LoadedProgram {
  readonly id: number;
  run(phase: number, threads?: number): void;
}

/** A memory with a pool of threads. */
export class Device {
  readonly memory: WasmMemory = new webAssembly.Memory({ initial: 1, maximum: 4, shared: true });
  readonly pool: ThreadPool;
  private readonly words = new Int32Array(this.memory.buffer);

  constructor(threads: number) {
    this.pool = new ThreadPool({ memory: this.memory, threads });
  }

  load(module: WasmModule, call: () => void = () => {}): LoadedProgram {
    const { pool, memory } = this;
    const { exports } = new webAssembly.Instance(module, { host: pool.imports(memory, call) });
    const step = exports.step as unknown as (a: number, b: number, c: number) => void;
    const id = pool.load(module);
    const run = (phase: number, threads = pool.most) => pool.run(id, { threads, phase, step });
    return { id, run };
  }

  /** Has another program run, with as many threads as are ready, until all are ready for this one. */
  whole({ id }: LoadedProgram, other: LoadedProgram): void {
    while (this.pool.ready(id) < this.pool.most) other.run(1);
    this.forget();
  }

  forget(): void {
    this.words.fill(0, counting.turns / 4, counting.wrong / 4 + 1);
  }

  /** Passed turns of all threads, and those where a barrier let a thread through too early. */
  get counts() {
    const { words } = this;
    return { turns: words[counting.turns / 4], wrong: words[counting.wrong / 4] };
  }
}
