import { bytesOf, type Code, seq, unsigned } from './code.js';
import { loading, storing } from './scalar.js';

const simd = (op: number): number[] => [0xfd, ...unsigned(op)];
const unary =
  (op: number) =>
  (a: Code): Code =>
    seq(a, simd(op));
const binary =
  (op: number) =>
  (a: Code, b: Code): Code =>
    seq(a, b, simd(op));
const ternary =
  (op: number) =>
  (a: Code, b: Code, c: Code): Code =>
    seq(a, b, c, simd(op));
const extract =
  (op: number) =>
  (lane: number, a: Code): Code =>
    seq(a, simd(op), [lane]);
const replace =
  (op: number) =>
  (lane: number, a: Code, value: Code): Code =>
    seq(a, value, simd(op), [lane]);
const loadLane =
  (op: number, align: number) =>
  (lane: number, address: Code, vector: Code, offset = 0): Code =>
    seq(address, vector, simd(op), [align, ...unsigned(offset), lane]);

export const v128 = {
  load: loading(simd(0x00), 2),
  load8x8S: loading(simd(0x01), 0),
  load8x8U: loading(simd(0x02), 0),
  load16x4S: loading(simd(0x03), 1),
  load16x4U: loading(simd(0x04), 1),
  load32Splat: loading(simd(0x09), 2),
  load64Splat: loading(simd(0x0a), 3),
  load32Zero: loading(simd(0x5c), 2),
  load64Zero: loading(simd(0x5d), 3),
  load8Lane: loadLane(0x54, 0),
  load16Lane: loadLane(0x55, 1),
  load32Lane: loadLane(0x56, 2),
  load64Lane: loadLane(0x57, 3),
  store: storing(simd(0x0b), 2),
  store8Lane: loadLane(0x58, 0),
  store16Lane: loadLane(0x59, 1),
  store32Lane: loadLane(0x5a, 2),
  store64Lane: loadLane(0x5b, 3),
  const: (bytes: readonly number[]): Code => [...simd(0x0c), ...bytes],
  not: unary(0x4d),
  and: binary(0x4e),
  /** a and not b */
  andnot: binary(0x4f),
  or: binary(0x50),
  xor: binary(0x51),
  /** Bits of a where those of the mask are 1, else of b. */
  bitselect: ternary(0x52),
  anyTrue: unary(0x53),
};

export const i8x16 = {
  /** Bytes 0..15 are those of a, 16..31 those of b. */
  shuffle: (a: Code, b: Code, bytes: readonly number[]): Code => seq(a, b, simd(0x0d), bytes),
  swizzle: binary(0x0e),
  splat: unary(0x0f),
  narrowI16x8S: binary(0x65),
  narrowI16x8U: binary(0x66),
  add: binary(0x6e),
};

export const i16x8 = {
  splat: unary(0x10),
  narrowI32x4S: binary(0x85),
  narrowI32x4U: binary(0x86),
  extendLowI8x16S: unary(0x87),
  extendHighI8x16S: unary(0x88),
  extendLowI8x16U: unary(0x89),
  extendHighI8x16U: unary(0x8a),
};

export const i32x4 = {
  const: (value: number): Code =>
    v128.const([...new Uint8Array(Int32Array.of(value, value, value, value).buffer)]),
  splat: unary(0x11),
  extractLane: extract(0x1b),
  replaceLane: replace(0x1c),
  eq: binary(0x37),
  ne: binary(0x38),
  ltS: binary(0x39),
  ltU: binary(0x3a),
  gtS: binary(0x3b),
  gtU: binary(0x3c),
  leS: binary(0x3d),
  geS: binary(0x3f),
  abs: unary(0xa0),
  neg: unary(0xa1),
  allTrue: unary(0xa3),
  bitmask: unary(0xa4),
  extendLowI16x8S: unary(0xa7),
  extendHighI16x8S: unary(0xa8),
  extendLowI16x8U: unary(0xa9),
  extendHighI16x8U: unary(0xaa),
  /** The shift is an i32. */
  shl: binary(0xab),
  shrS: binary(0xac),
  shrU: binary(0xad),
  add: binary(0xae),
  sub: binary(0xb1),
  mul: binary(0xb5),
  minS: binary(0xb6),
  maxS: binary(0xb8),
  truncSatF32x4S: unary(0xf8),
};

export const f32x4 = {
  const: (value: number): Code => v128.const(bytesOf(Float32Array.of(value, value, value, value))),
  splat: unary(0x13),
  extractLane: extract(0x1f),
  replaceLane: replace(0x20),
  eq: binary(0x41),
  ne: binary(0x42),
  lt: binary(0x43),
  gt: binary(0x44),
  le: binary(0x45),
  ge: binary(0x46),
  ceil: unary(0x67),
  floor: unary(0x68),
  trunc: unary(0x69),
  nearest: unary(0x6a),
  abs: unary(0xe0),
  neg: unary(0xe1),
  sqrt: unary(0xe3),
  add: binary(0xe4),
  sub: binary(0xe5),
  mul: binary(0xe6),
  div: binary(0xe7),
  min: binary(0xe8),
  max: binary(0xe9),
  /** b < a ? b : a */
  pmin: binary(0xea),
  /** a < b ? b : a */
  pmax: binary(0xeb),
  convertI32x4S: unary(0xfa),
  demoteF64x2Zero: unary(0x5e),
  /** a * b + c, rounded once or twice as the host likes. Only where relaxed SIMD is supported. */
  relaxedMadd: ternary(0x105),
  /** -(a * b) + c */
  relaxedNmadd: ternary(0x106),
};

export const f64x2 = {
  const: (value: number): Code => v128.const(bytesOf(Float64Array.of(value, value))),
  splat: unary(0x14),
  extractLane: extract(0x21),
  replaceLane: replace(0x22),
  abs: unary(0xec),
  neg: unary(0xed),
  sqrt: unary(0xef),
  add: binary(0xf0),
  sub: binary(0xf1),
  mul: binary(0xf2),
  div: binary(0xf3),
  min: binary(0xf4),
  max: binary(0xf5),
  pmin: binary(0xf6),
  pmax: binary(0xf7),
  promoteLowF32x4: unary(0x5f),
};
