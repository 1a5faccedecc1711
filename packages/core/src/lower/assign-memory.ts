import { dtypes } from '../graph/dtype.js';
import { readsBeforeItWrites } from './commit-phase.js';
import type { Buffer } from './loop-ir.js';
import { planMemory } from './memory-plan.js';
import type { Instruction, Storage } from './program.js';

/** What needs memory. A root is the first of the values that share some. */
export interface Unassigned {
  readonly instructions: readonly Instruction[];
  /** By value: its root, or -1 where its memory is not the program's. */
  readonly roots: readonly number[];
  /** Values that are read when the instructions have run. */
  readonly last: readonly number[];
  /** Roots that lie in the memory of a variable. */
  readonly inPlace: ReadonlyMap<number, number>;
  /** Roots that lie in the memory of an output that is given. */
  readonly given: ReadonlyMap<number, number>;
  readonly bytesOf: (root: number) => number;
}

export interface Assigned {
  readonly place: (root: number) => Storage;
  readonly bytes: number;
  readonly leastBytes: number;
}

interface Span {
  readonly first: number;
  last: number;
}

/** Gives every root its place: in the arena where it is the program's own. */
export function assignMemory(unassigned: Unassigned): Assigned {
  const { inPlace, given, bytesOf } = unassigned;
  const spans = spansOf(unassigned);
  const taken = takeOver(unassigned, spans);
  const owners = [...spans.keys()].filter((owner) => !given.has(owner));
  const plan = planMemory(
    owners.map((owner) => ({ bytes: bytesOf(owner), ...(spans.get(owner) as Span) })),
  );
  const offsets = new Map(owners.map((owner, i) => [owner, plan.offsets[i] as number]));
  const place = (root: number): Storage => {
    const variable = inPlace.get(root);
    if (variable !== undefined) return { kind: 'variable', index: variable };
    const index = given.get(root);
    return index === undefined
      ? { kind: 'arena', offset: offsets.get(taken.get(root) ?? root) ?? 0 }
      : { kind: 'output', index };
  };
  return { place, bytes: plan.bytes, leastBytes: plan.leastBytes };
}

function spansOf({ instructions, roots, last, inPlace }: Unassigned): Map<number, Span> {
  const spans = new Map<number, Span>();
  const touch = (value: number, time: number) => {
    const root = roots[value] as number;
    if (root < 0 || inPlace.has(root)) return;
    const span = spans.get(root);
    if (span) span.last = Math.max(span.last, time);
    else spans.set(root, { first: time, last: time });
  };
  instructions.forEach((instruction, time) => {
    for (const value of [...instruction.inputs, ...instruction.outputs]) touch(value, time);
    // Who receives a value reads it where it lies, at any time until the run has ended.
    if (instruction.kind !== 'send') return;
    for (const value of instruction.inputs) touch(value, instructions.length);
  });
  for (const value of last) touch(value, instructions.length);
  return spans;
}

/**
 * By root: the one whose memory it takes over. A kernel of independent elements writes a result over an operand that nothing
 * needs any more, where it reads each element before it writes the same.
 */
function takeOver(unassigned: Unassigned, spans: Map<number, Span>): Map<number, number> {
  const taken = new Map<number, number>();
  const { instructions, roots, given, bytesOf } = unassigned;
  instructions.forEach((instruction, time) => {
    if (instruction.kind !== 'loop') return;
    const dying = new Set<number>();
    for (const input of instruction.inputs) {
      const root = roots[input] as number;
      const owner = taken.get(root) ?? root;
      if (!given.has(owner) && spans.get(owner)?.last === time) dying.add(owner);
    }
    for (const output of instruction.outputs) {
      const root = roots[output] as number;
      const span = spans.get(root);
      if (!span || span.first !== time || given.has(root)) continue;
      const ownerOf = (value: number) => taken.get(roots[value] as number) ?? roots[value];
      const size = bytesOf(root);
      const owner = [...dying].find(
        (one) => bytesOf(one) === size && isOverwritten(instruction, output, { one, ownerOf }),
      );
      if (owner === undefined) continue;
      dying.delete(owner);
      taken.set(root, owner);
      spans.delete(root);
      (spans.get(owner) as Span).last = span.last;
    }
  });
  return taken;
}

interface Owned {
  readonly one: number;
  readonly ownerOf: (value: number) => number | undefined;
}

/** Whether the output may be written over the memory of an owner. */
function isOverwritten(
  { kernel, inputs, outputs }: Extract<Instruction, { kind: 'loop' }>,
  output: number,
  { one, ownerOf }: Owned,
): boolean {
  const written = inputs.length + outputs.indexOf(output);
  const bytes = (buffer: number) => dtypes[(kernel.buffers[buffer] as Buffer).dtype].bytes;
  return inputs.every(
    (input, buffer) =>
      ownerOf(input) !== one ||
      (bytes(buffer) === bytes(written) && readsBeforeItWrites(kernel, buffer, written)),
  );
}
