import { type Code, seq } from '../encoder/code.js';
import {
  branch,
  branchIf,
  drop,
  type FunctionBuilder,
  globalValue,
  type Local,
  leave,
  loop,
  when,
} from '../encoder/function.js';
import type { ModuleBuilder } from '../encoder/module.js';
import { atomic, i32, i64 } from '../encoder/scalar.js';
import { control } from './control.js';

const zero = i32.const(0);
const load = (address: number): Code => atomic.load(zero, address);
const add = (address: number, by: number): Code => atomic.add(zero, i32.const(by), address);

/**
 * Adds the function `barrier(threads)`, which returns when as many threads have called it. Over shared memory the module
 * imports the global `host.spins`: how often a waiting thread looks before it sleeps; negative where it may not sleep.
 */
export function emitBarrier(module: ModuleBuilder, shared: boolean): number {
  const signature = { params: ['i32'], results: [] } as const;
  if (!shared) return module.add(signature, () => []);
  const spins = globalValue(module.importGlobal('host', 'spins', 'i32'));
  return module.add(signature, (f) => {
    const [threads] = f.params as [Local];
    const generation = f.i32();
    const alone = i32.ltS(threads.get, i32.const(2));
    const last = i32.eq(add(control.arrived, 1), i32.sub(threads.get, i32.const(1)));
    return seq(
      when(alone, leave),
      generation.set(load(control.generation)),
      when(last, seq(open(generation), leave)),
      spin(f, generation, spins),
      sleep(generation, spins),
    );
  });
}

/** Who counts itself as a sleeper before this thread looks is woken; who does so later finds the generation changed. */
function open(generation: Local): Code {
  return seq(
    atomic.store(zero, zero, control.arrived),
    atomic.store(zero, i32.add(generation.get, i32.const(1)), control.generation),
    when(load(control.sleepers), drop(atomic.notify(i32.const(control.generation), i32.const(-1)))),
  );
}

function spin(f: FunctionBuilder, generation: Local, spins: Code): Code {
  const turns = f.i32();
  return seq(
    turns.set(spins),
    loop(
      seq(
        when(i32.ne(load(control.generation), generation.get), leave),
        turns.increase(-1),
        branchIf(i32.gtS(turns.get, zero), 0),
      ),
    ),
  );
}

function sleep(generation: Local, spins: Code): Code {
  return loop(
    seq(
      when(i32.ne(load(control.generation), generation.get), leave),
      when(load(control.aborted), leave),
      when(
        i32.geS(spins, zero),
        seq(
          drop(add(control.sleepers, 1)),
          drop(atomic.wait32(i32.const(control.generation), generation.get, i64.const(-1))),
          drop(add(control.sleepers, -1)),
        ),
      ),
      branch(0),
    ),
  );
}
