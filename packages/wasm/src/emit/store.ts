import type { Buffer, Statement } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { i32 } from '../encoder/scalar.js';
import type { KernelScope, Lanes } from './body-values.js';
import { elementOf } from './element.js';
import { typeOf, unmasked, type Value } from './value.js';

/** Stores the lanes of a value, each at its place. */
export function storeValue(
  { k, kernel, pointers, width }: KernelScope,
  { axis, copy, count }: Lanes,
  store: Extract<Statement, { kind: 'store' }>,
  value: Value,
): Code {
  const { dtype } = kernel.buffers[store.buffer] as Buffer;
  const element = elementOf(dtype, k.f);
  const { base, offset } = pointers.address(store);
  const { kind, code } = unmasked(value);
  const stride = axis < 0 ? 0 : (store.index.strides[axis] as number);
  if (typeOf(kind) !== 'v128') return element.store(base, code, offset);
  const step = stride * element.bytes;
  const first = offset + 4 * copy * step;
  if (stride === 1 && count === undefined && width === 4) return element.store(base, code, first);
  const prepared = k.f.v128();
  const lanes = stride === 0 || width === 1 ? 1 : (count ?? 4);
  const stores = Array.from({ length: lanes }, (_, lane) => {
    const distance = first + lane * step;
    const [address, immediate] =
      distance >= 0 ? [base, distance] : [i32.add(base, i32.const(distance)), 0];
    return element.storeLane(lane, address, prepared.get, immediate);
  });
  return seq(prepared.set(element.prepare(code)), ...stores);
}
