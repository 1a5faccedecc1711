import type { Code } from '../src/encoder/code.js';
import { seq } from '../src/encoder/code.js';
import { compileModule } from '../src/encoder/compile.js';
import { callFunction, drop, type Local, when } from '../src/encoder/function.js';
import { ModuleBuilder } from '../src/encoder/module.js';
import { atomic, i32 } from '../src/encoder/scalar.js';
import { mostPages, type WasmModule } from '../src/encoder/webassembly.js';
import { emitBarrier } from '../src/threads/barrier.js';

/** Where the module keeps its words, after the control block. */
export const counting = { cells: 8192, turns: 4096, wrong: 4100 } as const;

const unreachable: Code = [0x00];
const zero = i32.const(0);

/**
 * `step(thread, threads, phase)`: `phase` times every thread writes the turn to its own cell with a plain store, passes a
 * barrier, counts the cells of all threads that hold anything else, and passes another barrier. The thread `trap` stops at once;
 * with `calls` the first thread calls the host before.
 */
export function countingModule({ trap = -1, calls = false } = {}): WasmModule {
  const module = new ModuleBuilder();
  module.importMemory('host', 'memory', { shared: true, most: mostPages });
  const signature = { params: ['i32', 'i32'], results: [] } as const;
  const host = module.importFunction('host', 'call', signature);
  const barrier = emitBarrier(module, true);
  const step = module.add({ params: ['i32', 'i32', 'i32'], results: [] }, (f) => {
    const [thread, threads, phase] = f.params as [Local, Local, Local];
    const pass = callFunction(barrier, threads.get);
    const first = i32.eqz(thread.get);
    const ask = callFunction(host, zero, zero);
    const cell = (of: Local): Code => i32.mul(of.get, i32.const(64));
    const add = (address: number) => drop(atomic.add(i32.const(address), i32.const(1)));
    return seq(
      when(i32.eq(thread.get, i32.const(trap)), unreachable),
      calls ? seq(pass, when(first, ask), pass) : [],
      f.for({ to: phase.get }, (turn) =>
        seq(
          i32.store(cell(thread), turn.get, counting.cells),
          pass,
          f.for({ to: threads.get }, (other) =>
            when(i32.ne(i32.load(cell(other), counting.cells), turn.get), add(counting.wrong)),
          ),
          add(counting.turns),
          pass,
        ),
      ),
      pass,
    );
  });
  module.export('step', step);
  return compileModule(module.encode());
}
