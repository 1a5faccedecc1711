import { GraphError } from '../errors.js';
import { checkedDType, type DType, dtypes, type TypedArray } from './dtype.js';
import { checkedShape, type KnownShape, sizeOf } from './shape.js';

/** Numbers nested in arrays, as deep as the rank. */
export type NestedArray = number | bigint | boolean | readonly NestedArray[];

/** Everything that can be read as the values of a tensor. */
export type TensorData = NestedArray | TypedArray | ArrayLike<number> | HostTensor;

/**
 * A tensor's values in host memory: a typed array and its shape, row-major. Nothing to dispose.
 * float16 and bfloat16 are held as a Float32Array, int64 as a BigInt64Array, bool as a Uint8Array of 0 and 1.
 */
export class HostTensor {
  readonly dtype: DType;
  readonly shape: KnownShape;
  readonly data: TypedArray;

  constructor(data: TypedArray, shape: KnownShape, dtype: DType = dtypeOfArray(data)) {
    checkedShape(shape, 'HostTensor');
    if (data.length !== sizeOf(shape)) {
      throw new GraphError('VALUE_INVALID', 'HostTensor', {
        what: `${data.length} values do not fill the shape [${shape.join(', ')}], which has ${sizeOf(shape)} elements.`,
      });
    }
    if (!(data instanceof dtypes[dtype].host)) {
      throw new GraphError('VALUE_INVALID', 'HostTensor', {
        what: `a ${data.constructor.name} does not hold ${dtype}.`,
        fix: `give a ${dtypes[dtype].host.name}, or convert with hostTensor(data, { dtype: '${dtype}' }).`,
      });
    }
    this.data = data;
    this.shape = [...shape];
    this.dtype = dtype;
  }

  get size(): number {
    return this.data.length;
  }

  /** The values nested in arrays; a scalar is the number itself, bool gives booleans, int64 gives bigints. */
  array(): NestedArray {
    const value = (i: number): number | bigint | boolean => {
      const element = this.data[i] as number | bigint;
      return this.dtype === 'bool' ? element !== 0 : element;
    };
    const nest = (axis: number, offset: number, stride: number): NestedArray => {
      if (axis === this.shape.length) return value(offset);
      const size = this.shape[axis] as number;
      const inner = size === 0 ? 0 : stride / size;
      return Array.from({ length: size }, (_, i) => nest(axis + 1, offset + i * inner, inner));
    };
    return nest(0, 0, this.size);
  }

  /** The only element. Errors: SHAPE_MISMATCH. */
  item(): number {
    if (this.size !== 1) {
      throw new GraphError('SHAPE_MISMATCH', 'item', {
        what: `a tensor of ${this.size} elements is not one number.`,
        given: { tensor: this },
      });
    }
    return Number(this.data[0]);
  }
}

function dtypeOfArray(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Uint8Array) return 'uint8';
  throw new GraphError('VALUE_INVALID', 'hostTensor', {
    what: `a ${(data as object).constructor.name} can not be read as a tensor.`,
    fix: 'use Float32Array, Float64Array, Int32Array, BigInt64Array, Int16Array, Uint16Array, Int8Array or Uint8Array.',
  });
}

/** 16-bit integers are read as int32, clamped bytes as uint8: the numbers fit, and there is no narrower dtype for them. */
function widened(array: ArrayBufferView): TypedArray {
  if (array instanceof Int16Array || array instanceof Uint16Array) return Int32Array.from(array);
  if (array instanceof Uint8ClampedArray) return Uint8Array.from(array);
  return array as TypedArray;
}

export interface HostTensorOptions {
  readonly dtype?: DType | undefined;
  readonly shape?: KnownShape | undefined;
  /** Named in errors. */
  readonly where?: string;
}

/**
 * Reads nested arrays, typed arrays or another host tensor. Without a dtype, numbers give float32, bigints int64, booleans bool,
 * 16-bit integers int32.
 * Errors: VALUE_INVALID (ragged nesting, wrong number of elements, unknown dtype).
 */
export function hostTensor(data: TensorData, options: HostTensorOptions = {}): HostTensor {
  const where = options.where ?? 'hostTensor';
  if (options.dtype !== undefined) checkedDType(options.dtype, where);
  if (data instanceof HostTensor)
    return converted(data.data, options.shape ?? data.shape, data.dtype, options.dtype);
  if (ArrayBuffer.isView(data)) {
    const array = widened(data);
    return converted(array, options.shape ?? [array.length], dtypeOfArray(array), options.dtype);
  }
  const { values, shape } = flatten(data as NestedArray, where);
  const dtype = options.dtype ?? dtypeOfValues(values);
  return new HostTensor(filled(values, dtype), options.shape ?? shape, dtype);
}

function dtypeOfValues(values: readonly (number | bigint | boolean)[]): DType {
  const [first] = values;
  if (typeof first === 'boolean') return 'bool';
  return typeof first === 'bigint' ? 'int64' : 'float32';
}

function flatten(data: NestedArray, where: string) {
  const shape: number[] = [];
  for (let level: NestedArray | undefined = data; Array.isArray(level); level = level[0])
    shape.push(level.length);
  const values: (number | bigint | boolean)[] = [];
  const visit = (level: NestedArray, axis: number): void => {
    if (!Array.isArray(level)) {
      if (axis !== shape.length || !['number', 'bigint', 'boolean'].includes(typeof level))
        ragged(where);
      values.push(level as number);
    } else {
      if (axis >= shape.length || level.length !== shape[axis]) ragged(where);
      for (const inner of level) visit(inner, axis + 1);
    }
  };
  visit(data, 0);
  return { values, shape };
}

function ragged(where: string): never {
  throw new GraphError('VALUE_INVALID', where, {
    what: 'the nested arrays are ragged or hold something that is not a number, bigint or boolean.',
    fix: 'give arrays of equal length on each level, holding numbers only.',
  });
}

function filled(values: ArrayLike<number | bigint | boolean>, dtype: DType): TypedArray {
  const array = new dtypes[dtype].host(values.length);
  const convert = elementConversion(dtype);
  for (let i = 0; i < values.length; i++) array[i] = convert(values[i] as number);
  return array;
}

/** How one element becomes an element of `dtype`: bool is "not zero", int64 a bigint, half precision is rounded. */
export function elementConversion(dtype: DType): (value: number | bigint | boolean) => never {
  const table: Record<DType, (value: number | bigint | boolean) => number | bigint> = {
    bool: (value) => (Number(value) !== 0 ? 1 : 0),
    int64: (value) =>
      typeof value === 'bigint'
        ? value
        : BigInt(Number.isFinite(Number(value)) ? Math.trunc(Number(value)) : 0),
    float16: (value) => roundToFloat16(Number(value)),
    bfloat16: (value) => roundToBfloat16(Number(value)),
    float32: Number,
    float64: Number,
    int32: Number,
    int8: Number,
    uint8: Number,
  };
  return table[dtype] as never;
}

function converted(data: TypedArray, shape: KnownShape, from: DType, to: DType = from): HostTensor {
  return new HostTensor(to === from ? data : filled(data as ArrayLike<number>, to), shape, to);
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Nearest bfloat16 (8 bits of significand), ties to even. */
export function roundToBfloat16(value: number): number {
  float[0] = value;
  if (Number.isNaN(value)) return value;
  const raw = bits[0] as number;
  bits[0] = (raw + 0x7fff + ((raw >>> 16) & 1)) & 0xffff0000;
  return float[0] as number;
}

/** Nearest float16 (11 bits of significand, exponent -14..15), ties to even, subnormals kept. */
export function roundToFloat16(value: number): number {
  const magnitude = Math.abs(value);
  if (!Number.isFinite(value) || magnitude === 0) return value;
  if (magnitude >= 65520) return value > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
  const quantum = 2 ** (exponent - 10);
  const scaled = magnitude / quantum;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 === 1);
  return Math.sign(value) * (up ? floor + 1 : floor) * quantum;
}

/** Half-precision bits of float values, and back. */
export const halfCodecs = {
  bfloat16: {
    encode(value: number): number {
      float[0] = roundToBfloat16(value);
      return (bits[0] as number) >>> 16;
    },
    decode(half: number): number {
      bits[0] = half << 16;
      return float[0] as number;
    },
  },
  float16: {
    encode(value: number): number {
      const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
      if (Number.isNaN(value)) return 0x7e00;
      const magnitude = Math.abs(roundToFloat16(value));
      if (magnitude === Number.POSITIVE_INFINITY) return sign | 0x7c00;
      if (magnitude < 2 ** -14) return sign | Math.round(magnitude * 2 ** 24);
      const exponent = Math.floor(Math.log2(magnitude));
      return sign | ((exponent + 15) << 10) | Math.round((magnitude / 2 ** exponent - 1) * 1024);
    },
    decode(half: number): number {
      const sign = half & 0x8000 ? -1 : 1;
      const exponent = (half >> 10) & 31;
      const fraction = half & 0x3ff;
      if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
      if (exponent === 0) return sign * fraction * 2 ** -24;
      return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    },
  },
} as const;
