import { dtypes } from '../../graph/dtype.js';
import { sizeOf } from '../../graph/shape.js';
import type { Axis, Expression, Statement } from '../../lower/loop-ir.js';
import type { Instruction, Program, Value } from '../../lower/program.js';
import { templateWork } from './template-work.js';

/** What one kernel does. */
export interface Work {
  /** Additions and multiplications of products and convolutions. */
  readonly productFlops: number;
  /** Elements that are passed one by one: loads and stores of loops, comparisons of sorts, and the like. */
  readonly elementOps: number;
  /** Read and written, each operand once. */
  readonly bytes: number;
}

/** How often `while` is taken to turn: nothing says it before it runs. */
const guessedTurns = 10;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, next) => all + next, 0);

/** The work of each kernel of a program; of loops that of all turns. */
export function workOf(program: Program, turns = 1): Work[] {
  return program.instructions.flatMap((instruction) =>
    instructionWork(program, instruction, turns),
  );
}

function instructionWork(program: Program, instruction: Instruction, turns: number): Work[] {
  const operands = [...instruction.inputs, ...instruction.outputs];
  const bytes = turns * sum(operands.map((value) => bytesOf(program.values[value] as Value)));
  switch (instruction.kind) {
    case 'loop':
      return [{ productFlops: 0, elementOps: turns * loopOps(instruction.kernel), bytes }];
    case 'sweep': {
      const elementOps = turns * sum(instruction.extents) * instruction.kernel.buffers.length;
      return [{ productFlops: 0, elementOps, bytes }];
    }
    case 'template': {
      const { productFlops, elementOps } = templateWork(instruction.template);
      const finish = instruction.finish ? loopOps(instruction.finish) : 0;
      return [
        { productFlops: turns * productFlops, elementOps: turns * (elementOps + finish), bytes },
      ];
    }
    case 'region': {
      const { region } = instruction;
      const own =
        region.region === 'scan' ? region.length : region.region === 'while' ? guessedTurns : 1;
      const works = instruction.programs.map((body) => workOf(body, turns * own));
      // One branch of two runs: the dearer one is counted.
      return region.region === 'cond' ? heavier(works) : works.flat();
    }
    default:
      return [{ productFlops: 0, elementOps: 0, bytes }];
  }
}

const heavier = (works: readonly Work[][]): Work[] =>
  works.reduce((most, next) => (weight(next) > weight(most) ? next : most), []);

const weight = (works: readonly Work[]): number =>
  sum(works.map(({ productFlops, elementOps, bytes }) => productFlops + elementOps + bytes));

const bytesOf = ({ dtype, shape }: Value): number => sizeOf(shape) * dtypes[dtype].bytes;

const loopOps = ({ body, axes }: { body: readonly Statement[]; axes: readonly Axis[] }): number =>
  sum(
    body.map((statement) => {
      if (statement.kind === 'barrier') return 0;
      if (statement.kind !== 'for') return operations(statement.value);
      const turns = axes[statement.axis]?.extent ?? 0;
      return turns * loopOps({ body: statement.body, axes });
    }),
  );

/** What is loaded, computed and stored for one value. */
function operations(value: Expression): number {
  switch (value.kind) {
    case 'call':
      return 1 + sum(value.args.map(operations));
    case 'select':
      return 1 + sum([value.condition, value.whenTrue, value.whenFalse].map(operations));
    case 'cast':
    case 'bitcast':
      return operations(value.value);
    default:
      return 1;
  }
}
