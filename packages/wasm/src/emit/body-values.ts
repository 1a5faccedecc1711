import type { Affine, Bound, Expression, Kernel } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { either, when } from '../encoder/function.js';
import { f64, i32, i64 } from '../encoder/scalar.js';
import { f32x4, i32x4, v128 } from '../encoder/simd.js';
import { bitcastTo, castTo } from './cast.js';
import { elementOf } from './element.js';
import type { ExpressionKeys } from './expression-keys.js';
import { operands } from './expression-keys.js';
import type { KernelFunction } from './kernel-function.js';
import { laneFunction } from './lane-functions.js';
import type { Pointers } from './pointers.js';
import { scalarFunction64 } from './scalar-functions.js';
import { getter, kindOf, typeOf, unmasked, type Value } from './value.js';

/** What the expressions of a kernel are computed from. */
export interface KernelScope {
  readonly k: KernelFunction;
  readonly kernel: Kernel;
  readonly keys: ExpressionKeys;
  readonly pointers: Pointers;
  /** Positions along the axes of the loops around. */
  readonly positions: Map<number, Code>;
  /** 4, or 1 where the kernel has 64-bit values. */
  readonly width: 4 | 1;
}

/** Which elements a body computes. */
export interface Lanes {
  /** The axis along which lanes lie; -1: one element, the same in every lane. */
  readonly axis: number;
  /** Vectors by which this copy of the body is ahead of the position. */
  readonly copy: number;
  /** How many lanes count, where not all do. */
  readonly count?: number;
}

/** One element, the same in every lane. */
export const oneLane: Lanes = { axis: -1, copy: 0 };

/** Computes the expressions of one body, each that occurs more than once a single time. */
export class BodyValues {
  private readonly scope: KernelScope;
  private readonly lanes: Lanes;
  private readonly registers: (register: number) => Value;
  private readonly repeated: ReadonlySet<number>;
  private readonly computed = new Map<number, Value>();

  constructor(
    scope: KernelScope,
    lanes: Lanes,
    given: {
      readonly registers: (register: number) => Value;
      /** Keys of expressions that are used more than once. */
      readonly repeated: ReadonlySet<number>;
      /** Values that were computed before the loop. */
      readonly before: ReadonlyMap<number, Value>;
    },
  ) {
    this.scope = scope;
    this.lanes = lanes;
    this.registers = given.registers;
    this.repeated = given.repeated;
    for (const [key, value] of given.before) this.computed.set(key, value);
  }

  value(expression: Expression): Value {
    if (expression.kind === 'register') return this.registers(expression.register);
    const key = this.scope.keys.of(expression);
    const known = this.computed.get(key);
    if (known) return known;
    const value = this.compute(expression);
    if (!this.repeated.has(key) || expression.kind === 'const') return value;
    const local = this.scope.k.f.local(typeOf(value.kind));
    this.computed.set(key, getter(value.kind, local));
    return { kind: value.kind, code: local.tee(value.code) };
  }

  /** A value in a local, with the code that sets it. */
  private held(value: Value): { set: Code; value: Value } {
    // A local that is read needs no other.
    if (value.code[0] === 0x20 && value.code.length <= 3) return { set: [], value };
    const local = this.scope.k.f.local(typeOf(value.kind));
    return { set: local.set(value.code), value: getter(value.kind, local) };
  }

  private compute(expression: Expression): Value {
    const { k } = this.scope;
    switch (expression.kind) {
      case 'load':
        return this.load(expression);
      case 'const':
        return constant(expression);
      case 'index':
        return this.index(expression.index, kindOf(expression.dtype));
      case 'call':
        return this.call(expression);
      case 'select':
        return this.select(expression);
      case 'cast':
        return castTo(k.f, this.value(expression.value), expression.dtype);
      case 'bitcast':
        return bitcastTo(
          k.f,
          this.value(expression.value),
          expression.value.dtype,
          expression.dtype,
        );
      default:
        return this.registers(expression.register);
    }
  }

  private call(expression: Extract<Expression, { kind: 'call' }>): Value {
    const { fn, args } = expression;
    const dtype = (args[0] as Expression).dtype;
    const held = args.map((arg) => this.held(unmasked(this.value(arg))));
    const values = held.map(({ value }) => value);
    const wide = values[0]?.kind === 'f64' || values[0]?.kind === 'i64';
    const { k } = this.scope;
    const result = wide ? scalarFunction64(k, fn, values) : laneFunction(k, { fn, dtype }, values);
    return { kind: result.kind, code: seq(...held.map(({ set }) => set), result.code) };
  }

  private select(expression: Extract<Expression, { kind: 'select' }>): Value {
    const { k } = this.scope;
    // In the order in which their code runs: a value that both use is computed by the first.
    const yes = this.value(expression.whenTrue);
    const no = this.value(expression.whenFalse);
    const condition = this.value(expression.condition);
    const mask = this.held(castTo(k.f, condition, 'bool'));
    const [whenTrue, whenFalse] =
      yes.kind === no.kind ? [yes, no] : ([unmasked(yes), unmasked(no)] as const);
    const { kind } = whenTrue;
    if (typeOf(kind) === 'v128') {
      const code = seq(whenTrue.code, whenFalse.code, mask.set, mask.value.code, [0xfd, 0x52]);
      return { kind, code };
    }
    const first = i32x4.extractLane(0, mask.value.code);
    return { kind, code: seq(whenTrue.code, whenFalse.code, mask.set, first, [0x1b]) };
  }

  /** Position of the first lane. */
  private position(index: Affine): Code {
    const { positions } = this.scope;
    const { axis, copy } = this.lanes;
    let code = i32.const(
      index.offset + (axis < 0 ? 0 : 4 * copy * (index.strides[axis] as number)),
    );
    index.strides.forEach((stride, a) => {
      const position = positions.get(a);
      if (stride === 0 || !position) return;
      code = i32.add(code, stride === 1 ? position : i32.mul(position, i32.const(stride)));
    });
    return code;
  }

  private laneStride(index: Affine): number {
    return this.lanes.axis < 0 ? 0 : (index.strides[this.lanes.axis] as number);
  }

  private index(index: Affine, kind: ReturnType<typeof kindOf>): Value {
    const first = this.position(index);
    if (kind === 'i64') return { kind, code: i64.extendI32S(first) };
    if (kind === 'f64') return { kind, code: f64.convertI32S(first) };
    const stride = this.laneStride(index);
    const steps = v128.const([
      ...new Uint8Array(Int32Array.of(0, stride, 2 * stride, 3 * stride).buffer),
    ]);
    const splat = i32x4.splat(first);
    const code = stride === 0 || this.scope.width === 1 ? splat : i32x4.add(splat, steps);
    return kind === 'f32' ? { kind, code: f32x4.convertI32x4S(code) } : { kind: 'i32', code };
  }

  private load(expression: Extract<Expression, { kind: 'load' }>): Value {
    const { dtype, bounds } = expression;
    const kind = kindOf(dtype);
    if (bounds.length === 0) return { kind, code: this.unbounded(expression) };
    const otherwise = constant({ kind: 'const', dtype, value: otherwiseOf(expression) });
    const type = typeOf(kind);
    const uniform =
      this.scope.width === 1 || bounds.every((bound) => this.laneStride(bound.index) === 0);
    const inside = (lane: number): Code =>
      bounds
        .map(({ index: place, size }: Bound) => {
          const at = i32.add(this.position(place), i32.const(lane * this.laneStride(place)));
          return i32.ltU(at, i32.const(size));
        })
        .reduce((a, b) => i32.and(a, b));
    const whole = this.unbounded(expression);
    if (uniform) return { kind, code: either(type, inside(0), whole, otherwise.code) };
    const both = i32.and(inside(0), inside(3));
    return { kind, code: either(type, both, whole, this.guarded(expression, inside, otherwise)) };
  }

  /** A load lane by lane of what is inside the bounds. */
  private guarded(
    expression: Extract<Expression, { kind: 'load' }>,
    inside: (lane: number) => Code,
    otherwise: Value,
  ): Code {
    const { k, pointers } = this.scope;
    const element = elementOf(expression.dtype, k.f);
    const [lanes, mask] = [k.f.v128(), k.f.v128()];
    const { base, offset } = pointers.address(expression);
    const stride = pointers.stride(expression, this.lanes.axis);
    const steps = [0, 1, 2, 3].map((lane) => {
      const distance = offset + (4 * this.lanes.copy + lane) * stride;
      const address = i32.add(base, i32.const(distance));
      return when(
        inside(lane),
        seq(
          lanes.set(element.loadLane(lane, address, lanes.get, 0)),
          mask.set(i32x4.replaceLane(lane, mask.get, i32.const(-1))),
        ),
      );
    });
    const chosen = v128.bitselect(element.finish(lanes.get), otherwise.code, mask.get);
    return seq(lanes.set(i32x4.const(0)), mask.set(i32x4.const(0)), ...steps, chosen);
  }

  private unbounded(expression: Extract<Expression, { kind: 'load' }>): Code {
    const { k, pointers, width } = this.scope;
    const { dtype, index } = expression;
    const { axis, copy, count } = this.lanes;
    const element = elementOf(dtype, k.f);
    const { base, offset } = pointers.address(expression);
    const stride = this.laneStride(index);
    if (axis < 0 || stride === 0 || width === 1) return element.loadOne(base, offset);
    const step = stride * element.bytes;
    const first = offset + 4 * copy * step;
    if (stride === 1) return element.load(base, first);
    const lanes = k.f.v128();
    const place = (lane: number): [Code, number] => {
      const distance = first + lane * step;
      return distance >= 0 ? [base, distance] : [i32.add(base, i32.const(distance)), 0];
    };
    const loads = [0, 1, 2, 3].map((lane) => {
      const [address, immediate] = place(lane);
      const load = lanes.set(element.loadLane(lane, address, lanes.get, immediate));
      // Elements behind the last one may lie outside of the memory.
      return count !== undefined && lane >= count ? [] : load;
    });
    return seq(lanes.set(i32x4.const(0)), ...loads, element.finish(lanes.get));
  }
}

const otherwiseOf = ({ dtype, otherwise }: Extract<Expression, { kind: 'load' }>) =>
  dtype === 'int64' ? BigInt(Math.trunc(otherwise)) : otherwise;

export function constant({
  dtype,
  value,
}: {
  kind: 'const';
  dtype: Expression['dtype'];
  value: number | bigint;
}): Value {
  const kind = kindOf(dtype);
  switch (kind) {
    case 'f32':
      return { kind, code: f32x4.const(Number(value)) };
    case 'i32':
      return { kind, code: i32x4.const(Number(value)) };
    case 'i64':
      return { kind, code: i64.const(value) };
    case 'f64':
      return { kind, code: f64.const(Number(value)) };
  }
}

/** Whether an expression is the same in every lane of a body. */
export function isInvariant(
  expression: Expression,
  axis: number,
  changing: ReadonlySet<number>,
): boolean {
  if (expression.kind === 'register') return !changing.has(expression.register);
  if (expression.kind === 'load' || expression.kind === 'index') {
    const bounds = expression.kind === 'load' ? expression.bounds : [];
    return [expression, ...bounds].every(({ index }) => index.strides[axis] === 0);
  }
  return operands(expression).every((part) => isInvariant(part, axis, changing));
}
