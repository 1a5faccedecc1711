import type { Value } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { callFunction, type Local } from '../encoder/function.js';
import { type Assembly, BodyWriter } from './body.js';
import { bytesOf, type Frame } from './frame.js';
import { conflict } from './hazards.js';
import { addressOf, given, type Place, type Range } from './place.js';

interface CallOptions {
  readonly inPlace?: ReadonlySet<number>;
  /** Whether no thread needs what others do in this turn; see `turnsAlone`. */
  readonly alone?: boolean;
}

/** The function `(thread, threads, own, ...inputs, ...outputs)` of a nested program: what it reads and makes is given by address. */
export class NestedBody {
  readonly frame: Frame;
  private readonly index: number;
  private readonly writer: BodyWriter;

  constructor(assembly: Assembly, frame: Frame) {
    this.frame = frame;
    const { inputs, outputs, instructions } = frame.program;
    const params = new Array<'i32'>(3 + inputs.length + outputs.length).fill('i32');
    const writers: BodyWriter[] = [];
    this.index = assembly.module.add({ params, results: [] }, (f) => {
      const buffers = f.params.slice(3).map(given);
      const around = {
        inputs: buffers.slice(0, inputs.length),
        outputs: buffers.slice(inputs.length),
        variables: [],
      };
      const writer = new BodyWriter(f, assembly, { frame, around, own: f.params[2] as Local });
      writers.push(writer);
      return writer.instructions(0, instructions.length);
    });
    this.writer = writers[0] as BodyWriter;
  }

  /**
   * Whether a thread touches, in all turns of a loop, only what no other thread does. What a turn makes of its first inputs, the carries,
   * is at the place of one of them in another turn. Nothing else that a turn writes is seen by another: stacks have a row for each turn, and
   * what a loop reads lies apart from what it makes.
   */
  turnsAlone(carries: number): boolean {
    const { free, accesses } = this.writer;
    const first = 3 + this.frame.program.inputs.length;
    const carried = (range: Range): Range =>
      range.space >= first && range.space < first + carries
        ? { ...range, space: range.space - first + 3 }
        : range;
    const all = accesses.map(({ reads, writes, solo }) => ({
      ...{ reads: reads.map(carried), writes: writes.map(carried), solo },
    }));
    return free && !all.some((one) => all.some((other) => conflict(one, other)));
  }

  /** Runs the body and leaves its outputs at `outputs`, with a barrier after it, unless turns are alone. Those in place are there by themselves. */
  call(
    around: BodyWriter,
    inputs: readonly Place[],
    outputs: readonly Place[],
    { inPlace = new Set(), alone = false }: CallOptions = {},
  ): Code {
    const { thread, threads, own } = around;
    const places = [...inputs, ...outputs].map(addressOf);
    const run = callFunction(this.index, thread.get, threads.get, own.get, ...places);
    const copies = this.frame.program.outputs.map((value, i) => {
      const { storage } = this.frame.program.values[value] as Value;
      if (inPlace.has(i) || (storage.kind === 'output' && storage.index === i)) return [];
      const bytes = bytesOf(this.frame.program.values[value] as Value);
      return around.copy(outputs[i] as Place, this.outside(value, inputs, outputs), bytes);
    });
    const copied = copies.some(({ length }) => length > 0);
    if (alone && !copied) return run;
    return seq(run, around.barrier(), ...copies, copied ? around.barrier() : []);
  }

  /** Where the caller finds a value of the body. */
  private outside(value: number, inputs: readonly Place[], outputs: readonly Place[]): Place {
    const { storage } = this.frame.program.values[value] as Value;
    if (storage.kind === 'input') return inputs[storage.index] as Place;
    if (storage.kind === 'output') return outputs[storage.index] as Place;
    return this.writer.place(value);
  }
}
