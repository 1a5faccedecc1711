import { checkKey } from '../checkpoint/json.js';
import { tensorOfBytes } from '../checkpoint/stored-tensor.js';
import type { HostTensor } from '../graph/host-tensor.js';
import { checkedShape } from '../graph/shape.js';
import { dtypeOfDataType, refuse } from './format.js';
import { type Field, Nothing, type TensorValue, type Value } from './gen/graph_pb.js';
import type { Shelf } from './shelf.js';

/** Errors: FORMAT_INVALID, SHAPE_INVALID. */
export function decodeTensor(
  { dtype: type, shape: sizes, data }: TensorValue,
  where: string,
): HostTensor {
  const dtype = dtypeOfDataType.get(type) ?? refuse(where, `there is no dtype ${type}.`);
  // Sizes beyond 2^53 lose digits here and are refused as a shape all the same.
  const shape = checkedShape(sizes.map(Number), where);
  return tensorOfBytes(data, { dtype, shape, where });
}

/** Named things as a record. Errors: FORMAT_INVALID for a name that is not allowed or comes twice. */
export function recordOf<T>(
  entries: readonly (readonly [string, T])[],
  where: string,
): Record<string, T> {
  const names = new Set<string>();
  for (const [name] of entries) {
    checkKey(name, where);
    if (names.has(name)) refuse(where, `it holds the name ${name} twice.`);
    names.add(name);
  }
  return Object.fromEntries(entries);
}

export const decodeFields = (
  fields: readonly Field[],
  shelf: Shelf,
  where: string,
): Record<string, unknown> =>
  recordOf(
    fields.map(({ name, value }) => [name, decodeValue(value, shelf, `${where}.${name}`)] as const),
    where,
  );

const maxDigits = 1000;

function decodeValue(message: Value | undefined, shelf: Shelf, where: string): unknown {
  const kind = message?.kind;
  switch (kind?.case) {
    case 'flag':
    case 'number':
    case 'text':
      return kind.value;
    case 'nothing':
      if (kind.value === Nothing.NULL) return null;
      return kind.value === Nothing.UNDEFINED
        ? undefined
        : refuse(where, `there is no nothing ${kind.value}.`);
    case 'bigint':
      if (!/^-?\d+$/.test(kind.value) || kind.value.length > maxDigits)
        refuse(where, 'it is not an integer.');
      return BigInt(kind.value);
    case 'list':
      return kind.value.items.map((item, i) => decodeValue(item, shelf, `${where}[${i}]`));
    case 'record':
      return decodeFields(kind.value.fields, shelf, where);
    case 'tensor':
      return shelf.tensor(kind.value, where);
    case 'function':
      return shelf.function(kind.value, where);
    case 'op':
      return shelf.ops.find(kind.value, where);
    case undefined:
      return refuse(where, 'it has no value.');
  }
}
