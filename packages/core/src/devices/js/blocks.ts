import { type DType, dtypes, type TypedArray } from '../../graph/dtype.js';
import { elementConversion, halfCodecs } from '../../graph/host-tensor.js';
import type { Affine, Expression, Kernel } from '../../lower/loop-ir.js';
import { binaryLoop, unaryLoop } from './block-loops.js';
import { isHalf } from './memory.js';

/** Elements that are computed together. */
export const blockSize = 512;

export interface Block {
  readonly block: TypedArray;
  /** Computes elements `start .. start + count - 1` of the vector axis into the block. */
  readonly fill: (start: number, count: number) => void;
}

interface BlockContext {
  readonly kernel: Kernel;
  readonly buffers: readonly TypedArray[];
  /** Current position on the axes outside the block. */
  readonly position: Int32Array;
  readonly registers: readonly TypedArray[];
  readonly vector: number;
}

// Half precision is computed in float32 and rounded to its own precision after every operation.
const blockOf = (dtype: DType, size: number): TypedArray => new dtypes[dtype].host(size);

/** Compiles expressions of a kernel to functions that fill blocks. Equal subexpressions (by identity) are computed once. */
export class BlockCompiler {
  private readonly context: BlockContext;
  private readonly size: number;

  constructor(context: BlockContext) {
    this.context = context;
    this.size = context.vector < 0 ? 1 : blockSize;
  }

  compile(expression: Expression): Block {
    switch (expression.kind) {
      case 'load':
        return this.load(expression);
      case 'const':
        return this.constant(expression.value, expression.dtype);
      case 'index':
        return this.index(expression.index, expression.dtype);
      case 'register':
        return this.register(expression.register, expression.dtype);
      case 'call':
        return this.rounded(expression.dtype, this.call(expression));
      case 'select':
        return this.select(expression);
      case 'cast':
        return this.cast(expression.value, expression.dtype);
      case 'bitcast':
        return this.bitcast(expression.value, expression.dtype);
    }
  }

  /** Where an affine index lies when the vector axis is at `start`. */
  offset({ offset, strides }: Affine): (start: number) => number {
    const { position, vector } = this.context;
    const axes = strides.map((_, axis) => axis).filter((axis) => axis !== vector && strides[axis] !== 0);
    const steps = axes.map((axis) => strides[axis] as number);
    const stride = vector < 0 ? 0 : (strides[vector] ?? 0);
    return (start) => {
      let at = offset + stride * start;
      for (let i = 0; i < axes.length; i++) at += (steps[i] as number) * (position[axes[i] as number] as number);
      return at;
    };
  }

  private stride({ strides }: Affine): number {
    return this.context.vector < 0 ? 0 : (strides[this.context.vector] ?? 0);
  }

  private load({ buffer, dtype, index, bounds, otherwise }: Extract<Expression, { kind: 'load' }>): Block {
    const source = this.context.buffers[buffer] as Float32Array;
    const block = blockOf(dtype, this.size) as Float32Array;
    const [at, stride] = [this.offset(index), this.stride(index)];
    const copy = isHalf(dtype) ? decodingCopy(halfCodecs[dtype].decode) : plainCopy;
    if (bounds.length === 0) {
      return { block, fill: (start, count) => copy({ source, block, from: 0, to: count, at: at(start), stride }) };
    }
    const limits = bounds.map((bound) => ({ at: this.offset(bound.index), stride: this.stride(bound.index), size: bound.size }));
    const outside = elementConversion(dtype)(otherwise);
    return {
      block,
      fill(start, count) {
        let [from, to] = [0, count];
        for (const limit of limits) {
          const [low, high] = insideRange(limit.at(start), limit.stride, limit.size);
          from = Math.max(from, low);
          to = Math.min(to, high);
        }
        if (from > 0 || to < count) block.fill(outside, 0, count);
        if (from < to) copy({ source, block, from, to, at: at(start), stride });
      },
    };
  }

  private constant(value: number | bigint, dtype: DType): Block {
    const block = blockOf(dtype, this.size) as Float32Array;
    block.fill(elementConversion(dtype)(value));
    return { block, fill: () => {} };
  }

  private index(index: Affine, dtype: DType): Block {
    const block = blockOf(dtype, this.size) as Int32Array;
    const [at, stride] = [this.offset(index), this.stride(index)];
    return {
      block,
      fill(start, count) {
        let value = at(start);
        for (let i = 0; i < count; i++) {
          block[i] = value;
          value += stride;
        }
      },
    };
  }

  private register(register: number, dtype: DType): Block {
    const cell = this.context.registers[register] as Float64Array;
    const block = blockOf(dtype, this.size) as Float64Array;
    return this.rounded(dtype, { block, fill: (_start, count) => void block.fill(cell[0] as number, 0, count) });
  }

  private call({ fn, args, dtype }: Extract<Expression, { kind: 'call' }>): Block {
    const [a, b] = args.map((arg) => this.compile(arg)) as [Block, Block | undefined];
    const block = blockOf(dtype, this.size) as Float64Array;
    const operand = (args[0] as Expression).dtype;
    const x = a.block as Float64Array;
    if (!b) {
      const loop = unaryLoop(fn, operand, dtype);
      return {
        block,
        fill(start, count) {
          a.fill(start, count);
          loop(block, x, count);
        },
      };
    }
    const loop = binaryLoop(fn, operand);
    const y = b.block as Float64Array;
    return {
      block,
      fill(start, count) {
        a.fill(start, count);
        if (b !== a) b.fill(start, count);
        loop(block, { x, y, count });
      },
    };
  }

  private select({ condition, whenTrue, whenFalse, dtype }: Extract<Expression, { kind: 'select' }>): Block {
    const [c, t, f] = [condition, whenTrue, whenFalse].map((part) => this.compile(part)) as [Block, Block, Block];
    const block = blockOf(dtype, this.size) as Float64Array;
    const [choice, yes, no] = [c.block as Uint8Array, t.block as Float64Array, f.block as Float64Array];
    return {
      block,
      fill(start, count) {
        c.fill(start, count);
        t.fill(start, count);
        f.fill(start, count);
        for (let i = 0; i < count; i++) block[i] = (choice[i] !== 0 ? yes[i] : no[i]) as number;
      },
    };
  }

  private cast(value: Expression, dtype: DType): Block {
    const from = this.compile(value);
    const block = blockOf(dtype, this.size) as Float64Array;
    const source = from.block as Float64Array;
    const plain = dtype !== 'bool' && dtype !== 'int64' && value.dtype !== 'int64' && !isHalf(dtype);
    const convert = elementConversion(dtype) as (value: number) => number;
    const narrow = value.dtype === 'int64' && dtypes[dtype].kind === 'int' ? (x: number) => Number(BigInt.asIntN(32, x as never)) : convert;
    const element = dtype === 'int64' || dtype === 'bool' || isHalf(dtype) ? convert : narrow;
    return {
      block,
      fill(start, count) {
        from.fill(start, count);
        if (plain) for (let i = 0; i < count; i++) block[i] = source[i] as number;
        else for (let i = 0; i < count; i++) block[i] = element(source[i] as number);
      },
    };
  }

  private bitcast(value: Expression, dtype: DType): Block {
    const from = this.compile(value);
    return { block: new dtypes[dtype].device(from.block.buffer as ArrayBuffer), fill: from.fill };
  }

  private rounded(dtype: DType, { block, fill }: Block): Block {
    if (!isHalf(dtype)) return { block, fill };
    const round = elementConversion(dtype) as (value: number) => number;
    return {
      block,
      fill(start, count) {
        fill(start, count);
        for (let i = 0; i < count; i++) block[i] = round(block[i] as number) as never;
      },
    };
  }
}

interface Copy {
  readonly source: Float32Array;
  readonly block: Float32Array;
  readonly from: number;
  readonly to: number;
  /** Source index of element 0 of the block. */
  readonly at: number;
  readonly stride: number;
}

function plainCopy({ source, block, from, to, at, stride }: Copy): void {
  let s = at + from * stride;
  for (let i = from; i < to; i++) {
    block[i] = source[s] as number;
    s += stride;
  }
}

const decodingCopy =
  (decode: (half: number) => number) =>
  ({ source, block, from, to, at, stride }: Copy): void => {
    for (let i = from; i < to; i++) block[i] = decode(source[at + i * stride] as number);
  };

/** The elements i, as [low, high), for which `0 <= at + stride * i < size`. */
function insideRange(at: number, stride: number, size: number): [number, number] {
  if (stride === 0) return at >= 0 && at < size ? [0, Number.POSITIVE_INFINITY] : [0, 0];
  if (stride > 0) return [Math.ceil(-at / stride), Math.ceil((size - at) / stride)];
  return [Math.floor((at - size) / -stride) + 1, Math.floor(at / -stride) + 1];
}
