import { failureLayout } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { block, branch, branchIf, loop, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { BodyWriter } from './body.js';
import { bytesOf } from './frame.js';
import type { NestedBody } from './nested-body.js';
import { addressOf, type Place } from './place.js';
import type { RegionOf } from './region.js';
import { Carried, enterTurn } from './scan.js';

// Turns are counted in 32 bits.
const mostTurns = 2 ** 31 - 1;

/** A loop that runs while its condition holds, at most `limit` turns; more are a failure. */
export function emitWhile(around: BodyWriter, given: RegionOf<'while'>): Code {
  const { region, inputs, outputs, instruction, index, bodies } = given;
  const { carries, limit } = region;
  const [condition, body] = bodies as [NestedBody, NestedBody];
  const start = inputs.slice(0, carries);
  const captures = inputs.slice(carries);
  const state = new Carried(around, {
    start,
    first: start.map((_, i) => around.cell(index, i)),
    second: outputs.slice(0, carries),
  });
  const predicate = around.cell(index, carries);
  const turn = around.f.i32();
  const test = seq(
    enterTurn(around, condition, turn.get),
    condition.call(around, [...state.now, ...captures], [predicate]),
    branchIf(i32.eqz(i32.load8u(addressOf(predicate))), 1),
    when(
      i32.geS(turn.get, i32.const(Math.min(limit, mostTurns))),
      seq(around.onFirst(tooManyTurns(around, given, turn.get)), branch(2)),
    ),
  );
  const turns = loop(
    seq(
      test,
      body.call(around, [...state.now, ...captures], state.next),
      state.advance(),
      turn.increase(1),
      branch(0),
    ),
  );
  const copies = start.map((_, i) => {
    const bytes = bytesOf(around.value(instruction.inputs[i] as number));
    return around.copy(outputs[i] as Place, state.now[i] as Place, bytes);
  });
  return seq(turn.set(i32.const(0)), state.begin(), block(turns), around.barrier(), ...copies);
}

function tooManyTurns(around: BodyWriter, { instruction }: RegionOf<'while'>, turn: Code): Code {
  const { state, instruction: named, position, passed, failedAt } = failureLayout;
  const slot = i32.const(around.assembly.failures);
  return when(
    i32.eqz(i32.load(slot, state)),
    seq(
      i32.store(slot, i32.const(2), state),
      i32.store(slot, i32.const(around.assembly.number(instruction, around.frame)), named),
      i32.store(slot, turn, position),
      i32.store(slot, i32.load(slot, passed), failedAt),
    ),
  );
}
