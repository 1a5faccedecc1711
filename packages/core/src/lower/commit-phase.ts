import type { Affine, Expression, Kernel, Statement } from './loop-ir.js';
import type { Instruction, Program } from './program.js';

type Commit = Program['commits'][number];

/** The instructions of a part before they have their places. */
export interface Unplaced {
  readonly instructions: readonly Instruction[];
  /** By value: the value whose memory it is, or -1 where that is not the program's. */
  readonly roots: readonly number[];
  /** By value: the variable whose memory it is. */
  readonly variableOf: (value: number) => number | undefined;
  readonly outputs: readonly number[];
  readonly commits: readonly Commit[];
}

export interface CommitPhase {
  /** Reordered: those from `from` on run when the whole run has succeeded. */
  readonly instructions: readonly Instruction[];
  readonly from: number;
  /** Values, by their roots, that are made in the memory of a variable, which they may have been computed from. */
  readonly inPlace: ReadonlyMap<number, number>;
  /** Commits that are left: copies. */
  readonly commits: readonly Commit[];
}

/**
 * Moves the kernels that make nothing but new values of variables to the end, where a run can not fail any more, and lets
 * them write the variables themselves: an optimizer step is one pass over its parameters, without copies.
 */
export function commitPhase(unplaced: Unplaced): CommitPhase {
  const { instructions, roots, commits } = unplaced;
  const late = lateInstructions(unplaced);
  const last = instructions.filter((instruction) => late.has(instruction));
  const inPlace = new Map<number, number>();
  const copies: Commit[] = [];
  for (const commit of commits) {
    const root = roots[commit.value] as number;
    if (!inPlace.has(root) && writesInPlace(commit, last, unplaced))
      inPlace.set(root, commit.variable);
    else copies.push(commit);
  }
  const first = instructions.filter((instruction) => !late.has(instruction));
  return { instructions: [...first, ...last], from: first.length, inPlace, commits: copies };
}

/** Loop kernels whose results are new values of variables that nothing else reads. */
function lateInstructions({ instructions, roots, outputs, commits }: Unplaced): Set<Instruction> {
  const committed = new Set(commits.map(({ value }) => roots[value] as number));
  const needed = new Set(outputs.map((output) => roots[output] as number));
  const late = new Set<Instruction>();
  for (const instruction of [...instructions].reverse()) {
    const makes = instruction.outputs.map((output) => roots[output] as number);
    const only = makes.every((root) => committed.has(root) && !needed.has(root));
    if (instruction.kind === 'loop' && only) late.add(instruction);
    else for (const input of instruction.inputs) needed.add(roots[input] as number);
  }
  return late;
}

/** Whether nobody reads the old value of the variable when the new one is written, except the same element of it. */
function writesInPlace(
  { variable, value }: Commit,
  last: readonly Instruction[],
  { roots, variableOf }: Unplaced,
): boolean {
  const root = roots[value] as number;
  const at = last.findIndex(({ outputs }) => outputs.some((output) => roots[output] === root));
  const maker = last[at];
  if (maker?.kind !== 'loop') return false;
  const readsOld = ({ inputs }: Instruction) =>
    inputs.some((input) => variableOf(input) === variable);
  if (last.slice(at + 1).some(readsOld)) return false;
  const output = maker.outputs.findIndex((made) => roots[made] === root);
  const buffers = maker.inputs.flatMap((input, i) => (variableOf(input) === variable ? [i] : []));
  return buffers.every((buffer) =>
    readsBeforeItWrites(maker.kernel, buffer, maker.inputs.length + output),
  );
}

/** Whether every load of one buffer is at the element that is stored to the other afterwards, in the same turn of the loops. */
export function readsBeforeItWrites({ body }: Kernel, read: number, written: number): boolean {
  let statements = body;
  while (statements.length === 1 && statements[0]?.kind === 'for') statements = statements[0].body;
  if (statements.some(({ kind }) => kind === 'for')) return false;
  const stores = statements.filter((one) => one.kind === 'store' && one.buffer === written);
  const [store] = stores;
  if (stores.length !== 1 || store?.kind !== 'store') return false;
  const until = statements.indexOf(store);
  return statements.every((statement, i) =>
    loadsOf(statement, read).every((index) => i <= until && sameIndex(index, store.index)),
  );
}

const sameIndex = (a: Affine, b: Affine): boolean =>
  a.offset === b.offset && a.strides.every((stride, axis) => stride === b.strides[axis]);

function loadsOf(statement: Statement, buffer: number): Affine[] {
  return 'value' in statement ? loadsIn(statement.value, buffer) : [];
}

function loadsIn(expression: Expression, buffer: number): Affine[] {
  switch (expression.kind) {
    case 'load':
      return expression.buffer === buffer ? [expression.index] : [];
    case 'call':
      return expression.args.flatMap((arg) => loadsIn(arg, buffer));
    case 'select':
      return [expression.condition, expression.whenTrue, expression.whenFalse].flatMap((part) =>
        loadsIn(part, buffer),
      );
    case 'cast':
    case 'bitcast':
      return loadsIn(expression.value, buffer);
    default:
      return [];
  }
}
