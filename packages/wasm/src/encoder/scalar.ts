import { bytesOf, type Code, seq, signed, unsigned } from './code.js';

export const unary =
  (...op: number[]) =>
  (a: Code): Code =>
    seq(a, op);
export const binary =
  (...op: number[]) =>
  (a: Code, b: Code): Code =>
    seq(a, b, op);

/** Immediate of a memory access: alignment as a power of two (a hint, except of atomics) and a constant offset in bytes. */
const place = (align: number, offset: number): number[] => [align, ...unsigned(offset)];

export const loading =
  (op: readonly number[], align: number) =>
  (address: Code, offset = 0): Code =>
    seq(address, op, place(align, offset));
export const storing =
  (op: readonly number[], align: number) =>
  (address: Code, value: Code, offset = 0): Code =>
    seq(address, value, op, place(align, offset));

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value | 0)],
  load: loading([0x28], 2),
  load8s: loading([0x2c], 0),
  load8u: loading([0x2d], 0),
  load16s: loading([0x2e], 1),
  load16u: loading([0x2f], 1),
  store: storing([0x36], 2),
  store8: storing([0x3a], 0),
  store16: storing([0x3b], 1),
  eqz: unary(0x45),
  eq: binary(0x46),
  ne: binary(0x47),
  ltS: binary(0x48),
  ltU: binary(0x49),
  gtS: binary(0x4a),
  gtU: binary(0x4b),
  leS: binary(0x4c),
  leU: binary(0x4d),
  geS: binary(0x4e),
  geU: binary(0x4f),
  clz: unary(0x67),
  ctz: unary(0x68),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  divS: binary(0x6d),
  divU: binary(0x6e),
  remS: binary(0x6f),
  remU: binary(0x70),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shl: binary(0x74),
  shrS: binary(0x75),
  shrU: binary(0x76),
  rotl: binary(0x77),
  wrapI64: unary(0xa7),
  truncSatF32S: unary(0xfc, 0),
  truncSatF64S: unary(0xfc, 2),
  reinterpretF32: unary(0xbc),
  extend8S: unary(0xc0),
  extend16S: unary(0xc1),
};

export const i64 = {
  const: (value: bigint | number): Code => [0x42, ...signed(BigInt.asIntN(64, BigInt(value)))],
  load: loading([0x29], 3),
  store: storing([0x37], 3),
  eqz: unary(0x50),
  eq: binary(0x51),
  ne: binary(0x52),
  ltS: binary(0x53),
  ltU: binary(0x54),
  gtS: binary(0x55),
  gtU: binary(0x56),
  leS: binary(0x57),
  leU: binary(0x58),
  geS: binary(0x59),
  geU: binary(0x5a),
  add: binary(0x7c),
  sub: binary(0x7d),
  mul: binary(0x7e),
  divS: binary(0x7f),
  divU: binary(0x80),
  remS: binary(0x81),
  remU: binary(0x82),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  shl: binary(0x86),
  shrS: binary(0x87),
  shrU: binary(0x88),
  extendI32S: unary(0xac),
  extendI32U: unary(0xad),
  truncSatF32S: unary(0xfc, 4),
  truncSatF64S: unary(0xfc, 6),
  reinterpretF64: unary(0xbd),
};

export const f32 = {
  const: (value: number): Code => [0x43, ...bytesOf(Float32Array.of(value))],
  load: loading([0x2a], 2),
  store: storing([0x38], 2),
  eq: binary(0x5b),
  ne: binary(0x5c),
  lt: binary(0x5d),
  gt: binary(0x5e),
  le: binary(0x5f),
  ge: binary(0x60),
  abs: unary(0x8b),
  neg: unary(0x8c),
  ceil: unary(0x8d),
  floor: unary(0x8e),
  trunc: unary(0x8f),
  nearest: unary(0x90),
  sqrt: unary(0x91),
  add: binary(0x92),
  sub: binary(0x93),
  mul: binary(0x94),
  div: binary(0x95),
  min: binary(0x96),
  max: binary(0x97),
  copysign: binary(0x98),
  convertI32S: unary(0xb2),
  convertI64S: unary(0xb4),
  demoteF64: unary(0xb6),
  reinterpretI32: unary(0xbe),
};

export const f64 = {
  const: (value: number): Code => [0x44, ...bytesOf(Float64Array.of(value))],
  load: loading([0x2b], 3),
  store: storing([0x39], 3),
  eq: binary(0x61),
  ne: binary(0x62),
  lt: binary(0x63),
  gt: binary(0x64),
  le: binary(0x65),
  ge: binary(0x66),
  abs: unary(0x99),
  neg: unary(0x9a),
  ceil: unary(0x9b),
  floor: unary(0x9c),
  trunc: unary(0x9d),
  nearest: unary(0x9e),
  sqrt: unary(0x9f),
  add: binary(0xa0),
  sub: binary(0xa1),
  mul: binary(0xa2),
  div: binary(0xa3),
  min: binary(0xa4),
  max: binary(0xa5),
  copysign: binary(0xa6),
  convertI32S: unary(0xb7),
  convertI64S: unary(0xb9),
  promoteF32: unary(0xbb),
  reinterpretI64: unary(0xbf),
};

/** Addresses of atomics must be aligned. */
export const atomic = {
  /** Threads woken. */
  notify: (address: Code, count: Code): Code => seq(address, count, [0xfe, 0x00, 2, 0]),
  /** 0 woken, 1 another value, 2 timed out (nanoseconds as i64; -1: never). */
  wait32: (address: Code, expected: Code, timeout: Code): Code =>
    seq(address, expected, timeout, [0xfe, 0x01, 2, 0]),
  load: loading([0xfe, 0x10], 2),
  store: storing([0xfe, 0x17], 2),
  add: storing([0xfe, 0x1e], 2),
};
