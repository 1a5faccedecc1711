import * as tenon from '@tenon/core';
import {
  type Device,
  type DType,
  dtypes,
  type HostTensor,
  hostTensor,
  js,
  placeholder,
  Session,
  type Tensor,
} from '@tenon/core';
import { expect } from 'chai';
import { wasm } from '../src/index.js';

type Unary = (x: Tensor) => Tensor;
type Binary = (x: Tensor, y: Tensor) => Tensor;

/** How many units in the last place of the dtype results may lie apart. */
interface Row {
  readonly of: Unary | Binary;
  readonly on: 'all' | 'float' | 'integer' | 'bool';
  readonly ulps?: number;
}

const rows: Readonly<Record<string, Row>> = {
  neg: { of: (x: Tensor) => tenon.neg(x), on: 'all' },
  abs: { of: (x: Tensor) => tenon.abs(x), on: 'all' },
  sign: { of: (x: Tensor) => tenon.sign(x), on: 'all' },
  floor: { of: (x: Tensor) => tenon.floor(x), on: 'all' },
  ceil: { of: (x: Tensor) => tenon.ceil(x), on: 'all' },
  round: { of: (x: Tensor) => tenon.round(x), on: 'all' },
  sqrt: { of: (x: Tensor) => tenon.sqrt(x), on: 'float' },
  rsqrt: { of: (x: Tensor) => tenon.rsqrt(x), on: 'float', ulps: 1 },
  reciprocal: { of: (x: Tensor) => tenon.reciprocal(x), on: 'float' },
  exp: { of: (x: Tensor) => tenon.exp(x), on: 'float', ulps: 2 },
  log: { of: (x: Tensor) => tenon.log(x), on: 'float', ulps: 2 },
  sin: { of: (x: Tensor) => tenon.sin(x), on: 'float', ulps: 2 },
  cos: { of: (x: Tensor) => tenon.cos(x), on: 'float', ulps: 2 },
  atan: { of: (x: Tensor) => tenon.atan(x), on: 'float', ulps: 2 },
  tanh: { of: (x: Tensor) => tenon.tanh(x), on: 'float', ulps: 2 },
  erf: { of: (x: Tensor) => tenon.erf(x), on: 'float', ulps: 8 },
  sigmoid: { of: (x: Tensor) => tenon.sigmoid(x), on: 'float', ulps: 3 },
  logicalNot: { of: (x: Tensor) => tenon.logicalNot(x), on: 'bool' },
  isNaN: { of: (x: Tensor) => tenon.isNaN(x), on: 'float' },
  isFinite: { of: (x: Tensor) => tenon.isFinite(x), on: 'float' },
  add: { of: tenon.add as Binary, on: 'all' },
  sub: { of: tenon.sub as Binary, on: 'all' },
  mul: { of: tenon.mul as Binary, on: 'all' },
  div: { of: tenon.div as Binary, on: 'all' },
  floorDiv: { of: tenon.floorDiv as Binary, on: 'all' },
  mod: { of: tenon.mod as Binary, on: 'all' },
  pow: { of: tenon.pow as Binary, on: 'all', ulps: 2 },
  minimum: { of: tenon.minimum as Binary, on: 'all' },
  maximum: { of: tenon.maximum as Binary, on: 'all' },
  equal: { of: tenon.equal as Binary, on: 'all' },
  less: { of: tenon.less as Binary, on: 'all' },
  bitwiseAnd: { of: tenon.bitwiseAnd as Binary, on: 'integer' },
  bitwiseOr: { of: tenon.bitwiseOr as Binary, on: 'integer' },
  bitwiseXor: { of: tenon.bitwiseXor as Binary, on: 'integer' },
};
const shifts = {
  bitwiseLeftShift: tenon.bitwiseLeftShift as Binary,
  bitwiseRightShift: tenon.bitwiseRightShift as Binary,
  bitwiseRightShiftLogical: tenon.bitwiseRightShiftLogical as Binary,
};

const floats = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  -3,
  7.25,
  0.1,
  -0.3,
  100.7,
  -88,
  1e-3,
  12345.678,
  1e10,
  -1e10,
  1e30,
  1e-30,
  3e38,
  1e-40,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];
const integers = [
  0,
  1,
  -1,
  2,
  -2,
  3,
  -3,
  5,
  7,
  -7,
  10,
  31,
  100,
  127,
  -128,
  255,
  1000,
  46341,
  -65536,
  16777217,
  2 ** 31 - 1,
  -(2 ** 31),
  123456789,
];

const isFloat = (dtype: DType): boolean => dtypes[dtype].kind === 'float';

function valuesOf(dtype: DType): readonly number[] {
  if (dtype === 'bool') return [0, 1, 1, 0, 1];
  if (isFloat(dtype)) return floats;
  const [low, high] = { int8: [-128, 127], uint8: [0, 255] }[dtype as string] ?? [
    -(2 ** 31),
    2 ** 31 - 1,
  ];
  return integers.filter((value) => value >= (low as number) && value <= (high as number));
}

/** Every value with every other, and pairs that are drawn at random. */
function pairsOf(dtype: DType): readonly (readonly [number, number])[] {
  const values = valuesOf(dtype);
  const random = Array.from({ length: 300 }, (_, i) => {
    const [u, v] = [(i * 0.6180339887498949) % 1, (i * 0.7548776662466927) % 1];
    if (isFloat(dtype)) return [(u - 0.5) * 40, (v - 0.5) * 20] as const;
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return [Math.round(low + u * (high - low)), Math.round((v - 0.5) * 20)] as const;
  });
  return [...values.flatMap((a) => values.map((b) => [a, b] as const)), ...random];
}

const numbers = ({ data }: HostTensor): number[] => Array.from(data as ArrayLike<number>, Number);
const wide = ({ data, dtype }: HostTensor): readonly (number | bigint)[] =>
  dtype === 'int64' ? Array.from(data as BigInt64Array) : numbers({ data, dtype } as HostTensor);

const [reference, tested] = [js(), wasm({ threads: 1 })];

async function on(device: Device, of: Unary | Binary, feeds: readonly HostTensor[]) {
  const [x, y] = feeds.map(({ dtype, shape }) => placeholder({ shape: [...shape], dtype })) as [
    Tensor,
    Tensor,
  ];
  const session = new Session({ devices: [device] });
  try {
    return await session.run(of(x, y), {
      feeds: [
        [x, feeds[0] as HostTensor],
        [y, feeds[1] as HostTensor],
      ],
    });
  } finally {
    session.close();
  }
}

/** Bits of a significand, and the exponent of the smallest number. */
const precision: Partial<Record<DType, readonly [number, number]>> = {
  float64: [53, -1074],
  float32: [24, -149],
  float16: [11, -24],
  bfloat16: [8, -133],
};

function unitOf(x: number, dtype: DType): number {
  const [bits, smallest] = precision[dtype] ?? [53, 0];
  return 2 ** Math.max(Math.floor(Math.log2(Math.abs(x))) + 1 - bits, smallest);
}

function isNear(
  a: number | bigint,
  b: number | bigint,
  { dtype, ulps }: { dtype: DType; ulps: number },
) {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (!isFloat(dtype)) return false;
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= ulps * unitOf(y, dtype);
}

async function differences(of: Unary | Binary, operands: readonly HostTensor[], ulps: number) {
  const [expected, found] = [await on(reference, of, operands), await on(tested, of, operands)];
  const { dtype } = expected;
  const values = wide(found);
  const inputs = operands.map(wide);
  return wide(expected)
    .map((value, i) => ({ in: inputs.map((each) => each[i]), expected: value, found: values[i] }))
    .filter((row) => !isNear(row.found as number, row.expected, { dtype, ulps }));
}

const operandsOf = (pairs: readonly (readonly [number, number])[], dtype: DType) =>
  ([0, 1] as const).map((which) =>
    hostTensor(
      pairs.map((pair) => pair[which]),
      { dtype },
    ),
  );

const floatTypes: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16'];
const integerTypes: readonly DType[] = ['int32', 'int64', 'int8', 'uint8'];

const typesOf = {
  all: [...floatTypes, ...integerTypes],
  float: floatTypes,
  integer: integerTypes,
  bool: ['bool'],
} as const;

describe('scalar functions of the wasm device', () => {
  after(() => {
    reference.close();
    tested.close();
  });

  for (const [name, { of, on: kinds, ulps = 0 }] of Object.entries(rows)) {
    it(`${name} gives what the js device gives, in every dtype`, async () => {
      const wrong: Record<string, unknown> = {};
      for (const dtype of typesOf[kinds]) {
        // Half precision is computed in float32 here and in double precision there, and rounded after that.
        const within = precision[dtype] && dtype.includes('16') ? Math.min(ulps, 1) : ulps;
        const rows = await differences(of, operandsOf(pairsOf(dtype), dtype), within);
        if (rows.length > 0) wrong[dtype] = rows.slice(0, 8);
      }
      expect(wrong).to.deep.equal({});
    });
  }

  for (const [name, of] of Object.entries(shifts)) {
    it(`${name} gives what the js device gives, by every number of bits`, async () => {
      for (const dtype of integerTypes) {
        const bits = 8 * dtypes[dtype].bytes;
        const pairs = valuesOf(dtype).flatMap((a) =>
          Array.from({ length: bits }, (_, b) => [a, b] as const),
        );
        expect(await differences(of, operandsOf(pairs, dtype), 0), dtype).to.deep.equal([]);
      }
    });
  }

  it('casts give what the js device gives, from every dtype to every other', async () => {
    const types = [...typesOf.all, 'bool'] as const;
    const wrong: Record<string, unknown> = {};
    for (const from of types)
      for (const to of types) {
        const of = (x: Tensor) => tenon.cast(x, { dtype: to });
        const rows = await differences(of, operandsOf(pairsOf(from), from), 0);
        if (rows.length > 0) wrong[`${from} to ${to}`] = rows.slice(0, 4);
      }
    expect(wrong).to.deep.equal({});
  });
});
