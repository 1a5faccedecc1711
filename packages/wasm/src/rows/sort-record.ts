import { type Code, seq } from '../encoder/code.js';
import { i32, i64 } from '../encoder/scalar.js';
import { v128 } from '../encoder/simd.js';
import type { SortKey } from './sort-key.js';

/** What is moved about while a row is sorted: a key and the position that it came from. */
export interface SortRecord {
  readonly bytes: number;
  write(address: Code, key: Code, index: Code): Code;
  copy(to: Code, from: Code): Code;
  /** Whether the record at `a`, which came before that at `b`, may stay in front of it. */
  inOrder(a: Code, b: Code): Code;
  index(address: Code): Code;
}

/** Key and position in one word, which orders records whole: no two are equal. */
const narrow: SortRecord = {
  bytes: 8,
  write: (address, key, index) =>
    i64.store(address, i64.or(i64.shl(i64.extendI32S(key), i64.const(32)), i64.extendI32U(index))),
  copy: (to, from) => i64.store(to, i64.load(from)),
  inOrder: (a, b) => i64.leS(i64.load(a), i64.load(b)),
  index: (address) => i32.load(address),
};

const wide: SortRecord = {
  bytes: 16,
  write: (address, key, index) => seq(i64.store(address, key), i32.store(address, index, 8)),
  copy: (to, from) => v128.store(to, v128.load(from)),
  inOrder: (a, b) => i64.leS(i64.load(a), i64.load(b)),
  index: (address) => i32.load(address, 8),
};

export const sortRecord = ({ type }: SortKey): SortRecord => (type === 'i32' ? narrow : wide);
