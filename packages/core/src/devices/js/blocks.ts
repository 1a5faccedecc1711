import { type DType, dtypes } from '../../graph/dtype.js';
import { elementConversion } from '../../graph/host-tensor.js';
import type { Affine, Expression } from '../../lower/loop-ir.js';
import { isHalf } from '../memory.js';
import { type Block, type BlockContext, blockOf, blockSize, type Destination } from './block.js';
import { type Copy, insideRange, loadLoop } from './block-copies.js';
import { binaryLoop, type Operands, unaryLoop } from './block-loops.js';
import { castElement } from './cast-element.js';

/** Compiles the expressions of one statement to functions that fill blocks; a shared subexpression is computed once. */
export class BlockCompiler {
  private readonly context: BlockContext;
  private readonly size: number;
  private readonly compiled = new Map<Expression, Block>();
  /** Counts evaluations of the statement, so that a shared block knows whether it is filled already. */
  private round = 0;

  constructor(context: BlockContext) {
    this.context = context;
    this.size = context.vector < 0 ? 1 : blockSize;
  }

  /** The whole expression of a statement. `destination` may be used or not: the block says where the elements are. */
  compile(expression: Expression, destination?: Destination): Block {
    const root = this.build(expression, destination);
    const { fill } = root;
    return {
      array: root.array,
      get at() {
        return root.at;
      },
      fill: (start, count) => {
        this.round++;
        fill(start, count);
      },
    };
  }

  private part(expression: Expression): Block {
    const known = this.compiled.get(expression);
    if (known) return known;
    const block = this.build(expression);
    const { fill } = block;
    let filled = 0;
    const once: Block = {
      array: block.array,
      at: 0,
      fill: (start, count) => {
        if (filled === this.round) return;
        filled = this.round;
        fill(start, count);
        once.at = block.at;
      },
    };
    this.compiled.set(expression, once);
    return once;
  }

  private build(expression: Expression, destination?: Destination): Block {
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
        return this.rounded(expression.dtype, this.call(expression, destination));
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
    const axes = strides
      .map((_, axis) => axis)
      .filter((axis) => axis !== vector && strides[axis] !== 0);
    const steps = axes.map((axis) => strides[axis] as number);
    const stride = vector < 0 ? 0 : (strides[vector] ?? 0);
    if (axes.length === 0) return (start) => offset + stride * start;
    return (start) => {
      let at = offset + stride * start;
      for (let i = 0; i < axes.length; i++)
        at += (steps[i] as number) * (position[axes[i] as number] as number);
      return at;
    };
  }

  private stride({ strides }: Affine): number {
    return this.context.vector < 0 ? 0 : (strides[this.context.vector] ?? 0);
  }

  private block(
    dtype: DType,
    fill: (block: Block, start: number, count: number) => void,
    array = blockOf(dtype, this.size),
  ): Block {
    const block: Block = { array, at: 0, fill: (start, count) => fill(block, start, count) };
    return block;
  }

  private load({
    buffer,
    dtype,
    index,
    bounds,
    otherwise,
  }: Extract<Expression, { kind: 'load' }>): Block {
    const memory = this.context.buffers[buffer] as Float32Array;
    const [at, stride] = [this.offset(index), this.stride(index)];
    const inPlace = bounds.length === 0 && !isHalf(dtype) && (stride === 1 || this.size === 1);
    if (inPlace) {
      const place = (block: Block, start: number) => {
        block.at = at(start);
      };
      return this.block(dtype, place, memory);
    }
    const array = blockOf(dtype, this.size) as Float32Array;
    const copy: Copy = { memory, block: array, from: 0, to: 0, at: 0, stride };
    const run = loadLoop(dtype);
    const limits = bounds.map((bound) => ({
      at: this.offset(bound.index),
      stride: this.stride(bound.index),
      size: bound.size,
    }));
    const outside = elementConversion(dtype)(otherwise);
    const fill = (_block: Block, start: number, count: number) => {
      copy.from = 0;
      copy.to = count;
      for (const limit of limits) {
        const [low, high] = insideRange(limit.at(start), limit.stride, limit.size);
        copy.from = Math.max(copy.from, low);
        copy.to = Math.min(copy.to, high);
      }
      if (copy.from > 0 || copy.to < count) array.fill(outside, 0, count);
      copy.at = at(start);
      if (copy.from < copy.to) run(copy);
    };
    return this.block(dtype, fill, array);
  }

  private constant(value: number | bigint, dtype: DType): Block {
    const array = blockOf(dtype, this.size) as Float32Array;
    array.fill(elementConversion(dtype)(value));
    return this.block(dtype, () => {}, array);
  }

  private index(index: Affine, dtype: DType): Block {
    const [at, stride] = [this.offset(index), this.stride(index)];
    return this.block(dtype, ({ array }, start, count) => {
      let value = at(start);
      for (let i = 0; i < count; i++, value += stride) array[i] = value as never;
    });
  }

  /** An expression in memory of its own, which stays as it is when what it was read from changes. */
  held(value: Expression): Block {
    const source = this.compile(value);
    const array = blockOf(value.dtype, this.size) as Float32Array;
    return this.block(
      value.dtype,
      (_block, start, count) => {
        source.fill(start, count);
        const { at } = source;
        const from = source.array as Float32Array;
        for (let i = 0; i < count; i++) array[i] = from[at + i] as number;
      },
      array,
    );
  }

  private register(register: number, dtype: DType): Block {
    const held = this.context.held.get(register);
    if (held) return { array: held.array, at: 0, fill: () => {} };
    const cell = this.context.registers[register] as Float64Array;
    const filled = this.block(
      dtype,
      ({ array }, _start, count) => void (array as Float64Array).fill(cell[0] as number, 0, count),
    );
    return this.rounded(dtype, filled);
  }

  private call(
    { fn, args, dtype }: Extract<Expression, { kind: 'call' }>,
    destination?: Destination,
  ): Block {
    const [a, b] = args.map((arg) => this.part(arg)) as [Block, Block | undefined];
    const array = destination?.array ?? blockOf(dtype, this.size);
    const operand = (args[0] as Expression).dtype;
    const loop = b ? binaryLoop(fn, operand) : unaryLoop(fn, operand, dtype);
    const second = b ?? a;
    const [out, x, y] = [array, a.array, second.array] as Float32Array[] as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const operands: Operands = { out, to: 0, x, from: 0, y, and: 0, count: 0 };
    const fill = (block: Block, start: number, count: number) => {
      a.fill(start, count);
      b?.fill(start, count);
      if (destination) block.at = destination.at(start);
      operands.to = block.at;
      operands.from = a.at;
      operands.and = second.at;
      operands.count = count;
      loop(operands);
    };
    return this.block(dtype, fill, array);
  }

  private select({
    condition,
    whenTrue,
    whenFalse,
    dtype,
  }: Extract<Expression, { kind: 'select' }>): Block {
    const [c, t, f] = [condition, whenTrue, whenFalse].map((part) => this.part(part)) as [
      Block,
      Block,
      Block,
    ];
    const [choice, yes, no] = [
      c.array as Uint8Array,
      t.array as Float64Array,
      f.array as Float64Array,
    ];
    return this.block(dtype, ({ array }, start, count) => {
      c.fill(start, count);
      t.fill(start, count);
      f.fill(start, count);
      const [ci, ti, fi] = [c.at, t.at, f.at];
      for (let i = 0; i < count; i++)
        array[i] = (choice[ci + i] !== 0 ? yes[ti + i] : no[fi + i]) as never;
    });
  }

  private cast(value: Expression, dtype: DType): Block {
    const source = this.part(value);
    const from = source.array as Float64Array;
    const element = castElement(value.dtype, dtype);
    return this.block(dtype, ({ array }, start, count) => {
      source.fill(start, count);
      const { at } = source;
      if (element)
        for (let i = 0; i < count; i++) array[i] = element(from[at + i] as number) as never;
      else for (let i = 0; i < count; i++) array[i] = from[at + i] as never;
    });
  }

  private bitcast(value: Expression, dtype: DType): Block {
    const source = this.part(value);
    const { buffer, byteOffset, length } = source.array;
    const array = new dtypes[dtype].device(buffer as ArrayBuffer, byteOffset, length);
    return this.block(
      dtype,
      (block, start, count) => {
        source.fill(start, count);
        block.at = source.at;
      },
      array,
    );
  }

  private rounded(dtype: DType, block: Block): Block {
    if (!isHalf(dtype)) return block;
    const round = elementConversion(dtype) as (value: number) => number;
    const array = block.array as Float32Array;
    const rounding: Block = {
      array,
      at: 0,
      fill(start, count) {
        block.fill(start, count);
        for (let i = 0; i < count; i++) array[i] = round(array[i] as number);
      },
    };
    return rounding;
  }
}
