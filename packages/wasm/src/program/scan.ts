import type { Program } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { callFunction } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { BodyWriter } from './body.js';
import { bytesOf } from './frame.js';
import type { NestedBody } from './nested-body.js';
import { addressOf, given, type Place } from './place.js';
import type { RegionOf } from './region.js';
import { alongHistory, alongResults, alternating, stackOfCarry } from './scan-carry.js';

/**
 * A loop of a known number of turns. Rows of sequences are read, and those of stacked results made, where they are. A carry
 * that is stacked too lies in the stack; others go to and fro between the output's memory and a cell.
 */
export function emitScan(around: BodyWriter, scan: RegionOf<'scan'>): Code {
  const { region, inputs, outputs, instruction } = scan;
  const { carries, sequences, length } = region;
  const bytes = (values: readonly number[]) => values.map((value) => bytesOf(around.value(value)));
  if (length === 0) {
    const sizes = bytes(instruction.inputs.slice(0, carries));
    return seq(
      ...sizes.map((size, i) => around.copy(outputs[i] as Place, inputs[i] as Place, size)),
    );
  }
  const rowBytes = (values: readonly number[]) => bytes(values).map((size) => size / length);
  const rows = new Rows(around, scan, {
    places: [...inputs.slice(carries, carries + sequences), ...outputs.slice(carries)],
    bytes: [
      ...rowBytes(instruction.inputs.slice(carries, carries + sequences)),
      ...rowBytes(instruction.outputs.slice(carries)),
    ],
  });
  const { state, inPlace } = carriedState(around, scan);
  const captures = inputs.slice(carries + sequences);
  const body = scan.bodies[0] as NestedBody;
  const draws = differsByTurn(body.frame.program);
  // As where threads have rows of a batch each: they meet again when all turns are done.
  const alone = !draws && body.turnsAlone(carries);
  const loop = around.f.for({ to: i32.const(length) }, (turn) => {
    const t = region.reverse ? i32.sub(i32.const(length - 1), turn.get) : turn.get;
    return seq(
      draws ? enterTurn(around, body, t) : [],
      body.call(
        around,
        [...state.map(({ now }) => now), ...rows.places.slice(0, sequences), ...captures],
        [...state.map(({ next }) => next), ...rows.places.slice(sequences)],
        { inPlace, alone },
      ),
      ...state.map((carry) => carry.advance(turn.get)),
      rows.advance(),
    );
  });
  const finish = seq(...state.map((carry) => carry.finish()));
  return seq(
    ...state.map((carry) => carry.begin()),
    rows.begin(),
    draws ? [] : enterTurn(around, body, i32.const(0)),
    loop,
    alone && finish.length > 0 ? around.barrier() : [],
    finish,
  );
}

/** How each carry is kept, and which outputs of the body are thereby in their stacks already. */
function carriedState(around: BodyWriter, { region, inputs, outputs, ...scan }: RegionOf<'scan'>) {
  const { carries, length, reverse } = region;
  const { program } = (scan.bodies[0] as NestedBody).frame;
  const inPlace = new Set<number>();
  const state = inputs.slice(0, carries).map((start, i) => {
    const bytes = bytesOf(around.value(scan.instruction.inputs[i] as number));
    const memory = { start, end: outputs[i] as Place, bytes, cell: around.cell(scan.index, i) };
    const { history, results } = stackOfCarry(program, i, carries);
    const at = history >= 0 ? history : results;
    if (at < 0) return alternating(around, memory, length);
    inPlace.add(at);
    const rows = {
      stack: outputs[at] as Place,
      first: reverse ? (length - 1) * bytes : 0,
      step: reverse ? -bytes : bytes,
      length,
    };
    return (history >= 0 ? alongHistory : alongResults)(around, memory, rows);
  });
  return { state, inPlace };
}

/** Whether a body draws random numbers, whose key is that of the turn. */
const differsByTurn = ({ instructions }: Program): boolean =>
  instructions.some(
    (instruction) =>
      (instruction.kind === 'template' && instruction.template.kind === 'randomBits') ||
      (instruction.kind === 'region' && instruction.programs.some(differsByTurn)),
  );

/** Gives the body the context of turn `t`. */
export function enterTurn(around: BodyWriter, body: NestedBody, t: Code): Code {
  const inner = around.assembly.keptBase + body.frame.context;
  const key = callFunction(
    around.assembly.turnKey(),
    i32.const(around.context),
    i32.const(inner),
    t,
  );
  return seq(around.onFirst(key), around.barrier());
}

/** Carries of a loop: where they are, where the next turn makes them, and the memory that is free then. */
export class Carried {
  readonly now: readonly Place[];
  readonly next: readonly Place[];
  private readonly locals;
  private readonly memory;

  constructor(
    { f }: BodyWriter,
    memory: {
      readonly start: readonly Place[];
      readonly first: readonly Place[];
      readonly second: readonly Place[];
    },
  ) {
    this.memory = memory;
    this.locals = memory.start.map(() => ({ now: f.i32(), next: f.i32(), other: f.i32() }));
    this.now = this.locals.map(({ now }) => given(now));
    this.next = this.locals.map(({ next }) => given(next));
  }

  begin(): Code {
    const { start, first, second } = this.memory;
    return seq(
      ...this.locals.flatMap(({ now, next, other }, i) => [
        now.set(addressOf(start[i] as Place)),
        next.set(addressOf(first[i] as Place)),
        other.set(addressOf(second[i] as Place)),
      ]),
    );
  }

  advance(): Code {
    return seq(
      ...this.locals.flatMap(({ now, next, other }) => [
        now.set(next.get),
        next.set(other.get),
        other.set(now.get),
      ]),
    );
  }
}

/** Rows of stacked tensors, walked forwards or backwards. */
class Rows {
  readonly places: readonly Place[];
  private readonly locals;
  private readonly stacks;
  private readonly scan: RegionOf<'scan'>;

  constructor(
    { f }: BodyWriter,
    scan: RegionOf<'scan'>,
    stacks: { readonly places: readonly Place[]; readonly bytes: readonly number[] },
  ) {
    this.scan = scan;
    this.stacks = stacks;
    this.locals = stacks.places.map(() => f.i32());
    this.places = this.locals.map(given);
  }

  begin(): Code {
    const { length, reverse } = this.scan.region;
    const first = reverse ? length - 1 : 0;
    return seq(
      ...this.locals.map((local, i) => {
        const start = addressOf(this.stacks.places[i] as Place);
        return local.set(i32.add(start, i32.const(first * (this.stacks.bytes[i] as number))));
      }),
    );
  }

  advance(): Code {
    const sign = this.scan.region.reverse ? -1 : 1;
    return seq(
      ...this.locals.map((local, i) => local.increase(sign * (this.stacks.bytes[i] as number))),
    );
  }
}
