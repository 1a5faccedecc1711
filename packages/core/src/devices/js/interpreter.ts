import { type DType, dtypes, type TypedArray } from '../../graph/dtype.js';
import type { Affine, Combine, Expression, Kernel, Statement } from '../../lower/loop-ir.js';
import { isHalf } from '../memory.js';
import { type Block, blockSize } from './block.js';
import { type Copy, storeLoop } from './block-copies.js';
import { BlockCompiler } from './blocks.js';

/**
 * Gives the loop IR its meaning. The innermost loop runs over blocks of elements: each expression fills a block before the
 * next one reads it, so a kernel costs a few calls a block and not a tree walk an element.
 */
export function interpretKernel(kernel: Kernel, buffers: readonly TypedArray[]): () => void {
  return new Interpreter(kernel, buffers).compile();
}

type Step = (start: number, count: number) => void;

/** Registers hold floats in double precision and integers in their own dtype, so that sums of floats round once. */
const registerArray = (dtype: DType): TypedArray =>
  dtypes[dtype].kind === 'float' ? new Float64Array(1) : new dtypes[dtype].device(1);

class Interpreter {
  private readonly kernel: Kernel;
  private readonly buffers: readonly TypedArray[];
  private readonly position: Int32Array;
  private readonly registers: readonly TypedArray[];
  /** Registers that are set in the loop that runs in blocks. */
  private held: ReadonlyMap<number, Block> = new Map();

  constructor(kernel: Kernel, operands: readonly TypedArray[]) {
    this.kernel = kernel;
    const rows = kernel.buffers.flatMap((buffer) =>
      buffer.access === 'row' ? [new dtypes[buffer.dtype].device(buffer.elements)] : [],
    );
    this.buffers = [...operands, ...rows];
    this.position = new Int32Array(kernel.axes.length);
    this.registers = kernel.registers.map(({ dtype }) => registerArray(dtype));
  }

  compile(): () => void {
    if (this.kernel.axes.some(({ extent, role }) => extent === 0 && role === 'parallel'))
      return () => {};
    const steps = this.kernel.body.map((statement) => this.statement(statement, -1));
    return () => {
      for (let s = 0; s < steps.length; s++) (steps[s] as Step)(0, 1);
    };
  }

  /** `vector` is the axis that runs in blocks, -1 where single elements are computed. */
  private statement(statement: Statement, vector: number): Step {
    switch (statement.kind) {
      case 'for':
        return this.loop(statement.axis, statement.body);
      case 'set':
        return this.set(statement.register, statement.value, vector);
      case 'accumulate':
        return this.accumulate(
          statement.register,
          statement.combine,
          this.blocks(vector).compile(statement.value),
        );
      case 'store':
        return this.store(statement.buffer, statement.index, statement.value, vector);
      case 'barrier':
        return () => {};
    }
  }

  private blocks(vector: number): BlockCompiler {
    const { kernel, buffers, position, registers, held } = this;
    return new BlockCompiler({ kernel, buffers, position, registers, held, vector });
  }

  private loop(axis: number, body: readonly Statement[]): Step {
    const { extent } = this.kernel.axes[axis] as Kernel['axes'][number];
    const { position } = this;
    if (runsInBlocks(body)) {
      const steps = body.map((statement) => this.statement(statement, axis));
      this.held = new Map();
      return () => {
        for (let start = 0; start < extent; start += blockSize) {
          const count = Math.min(blockSize, extent - start);
          for (let s = 0; s < steps.length; s++) (steps[s] as Step)(start, count);
        }
      };
    }
    const steps = body.map((statement) => this.statement(statement, -1));
    return () => {
      for (let i = 0; i < extent; i++) {
        position[axis] = i;
        for (let s = 0; s < steps.length; s++) (steps[s] as Step)(0, 1);
      }
    };
  }

  private set(register: number, value: Expression, vector: number): Step {
    if (vector >= 0) {
      const block = this.blocks(vector).held(value);
      this.held = new Map(this.held).set(register, block);
      return block.fill;
    }
    const cell = this.registers[register] as TypedArray;
    const block = this.blocks(-1).compile(value);
    return () => {
      block.fill(0, 1);
      cell[0] = block.array[block.at] as never;
    };
  }

  private accumulate(register: number, combine: Combine, block: Block): Step {
    const cell = this.registers[register] as Float64Array;
    const { dtype } = this.kernel.registers[register] as Kernel['registers'][number];
    const wraps = dtypes[dtype].kind === 'int' && dtype !== 'int64';
    const fold = wraps && combine === 'prod' ? wholeProduct : folds[combine];
    const array = block.array as Float64Array;
    const span: Span = { cell, array, at: 0, count: 0 };
    return (start, count) => {
      block.fill(start, count);
      span.at = block.at;
      span.count = count;
      fold(span);
    };
  }

  private store(buffer: number, index: Affine, value: Expression, vector: number): Step {
    const memory = this.buffers[buffer] as Float32Array;
    const { dtype } = this.kernel.buffers[buffer] as Kernel['buffers'][number];
    const compiler = this.blocks(vector);
    const at = compiler.offset(index);
    const stride = vector < 0 ? 0 : (index.strides[vector] as number);
    const direct = (stride === 1 || vector < 0) && !isHalf(dtype);
    const block = compiler.compile(value, direct ? { array: memory, at } : undefined);
    const { fill } = block;
    if (direct && value.kind === 'call') return fill;
    const copy: Copy = {
      memory,
      block: block.array as Float32Array,
      from: 0,
      to: 0,
      at: 0,
      stride,
    };
    const run = storeLoop(dtype);
    return (start, count) => {
      fill(start, count);
      copy.from = block.at;
      copy.to = block.at + count;
      copy.at = at(start);
      run(copy);
    };
  }
}

// A register that is set and folded into in one loop belongs to a single element: a reduction of one.
function runsInBlocks(body: readonly Statement[]): boolean {
  const set = new Set(body.flatMap((one) => (one.kind === 'set' ? [one.register] : [])));
  return body.every(
    (one) =>
      one.kind !== 'for' &&
      one.kind !== 'barrier' &&
      !(one.kind === 'accumulate' && set.has(one.register)),
  );
}

/** Elements to fold into a register. */
interface Span {
  readonly cell: Float64Array;
  readonly array: Float64Array;
  at: number;
  count: number;
}

type Fold = (span: Span) => void;

// The low bits of a product of many whole numbers do not survive in a double.
const wholeProduct: Fold = ({ cell, array, at, count }) => {
  for (let i = at; i < at + count; i++) cell[0] = Math.imul(cell[0] as number, array[i] as number);
};

// Bigints pass through here too: the operators serve both.
const folds: Record<Combine, Fold> = {
  sum({ cell, array, at, count }) {
    let total = cell[0] as number;
    for (let i = at; i < at + count; i++) total += array[i] as number;
    cell[0] = total;
  },
  prod({ cell, array, at, count }) {
    let total = cell[0] as number;
    for (let i = at; i < at + count; i++) total *= array[i] as number;
    cell[0] = total;
  },
  max({ cell, array, at, count }) {
    let most = cell[0] as number;
    for (let i = at; i < at + count; i++) {
      const x = array[i] as number;
      if (x > most || x !== x) most = x;
    }
    cell[0] = most;
  },
  min({ cell, array, at, count }) {
    let least = cell[0] as number;
    for (let i = at; i < at + count; i++) {
      const x = array[i] as number;
      if (x < least || x !== x) least = x;
    }
    cell[0] = least;
  },
};
