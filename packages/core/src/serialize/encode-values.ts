import { create } from '@bufbuild/protobuf';
import { checkKey } from '../checkpoint/json.js';
import { bytesOf } from '../checkpoint/stored-tensor.js';
import { GraphError } from '../errors.js';
import { Func } from '../graph/func.js';
import { HostTensor } from '../graph/host-tensor.js';
import { isOp, type OpInfo } from '../graph/op.js';
import { dataTypes, maxNesting } from './format.js';
import {
  type Field,
  FieldSchema,
  Nothing,
  RecordSchema,
  type TensorValue,
  TensorValueSchema,
  type Value,
  ValueListSchema,
  ValueSchema,
} from './gen/graph_pb.js';

/** Where attributes put what is stored once and referred to. */
export interface Tables {
  tensor(value: HostTensor): number;
  function(func: Func): number;
  op(op: OpInfo): string;
}

export const encodeTensor = (tensor: HostTensor): TensorValue =>
  create(TensorValueSchema, {
    dtype: dataTypes[tensor.dtype],
    shape: tensor.shape.map(BigInt),
    data: bytesOf(tensor),
  });

interface Place {
  readonly where: string;
  readonly depth: number;
}

const inside = ({ where, depth }: Place, step: string): Place => ({
  where: where + step,
  depth: depth + 1,
});

/** The attributes of a node. Errors: GRAPH_INVALID, FORMAT_INVALID (a key that is not allowed). */
export const encodeAttributes = (attrs: object, tables: Tables, where: string): Field[] =>
  encodeFields(attrs, tables, { where, depth: 0 });

const encodeFields = (record: object, tables: Tables, place: Place): Field[] =>
  Object.entries(record).map(([name, value]) =>
    create(FieldSchema, {
      name: checkKey(name, place.where),
      value: encodeValue(value, tables, inside(place, `.${name}`)),
    }),
  );

const encodeValue = (value: unknown, tables: Tables, place: Place): Value =>
  create(ValueSchema, { kind: encodeKind(value, tables, place) });

type Kind = Value['kind'];

function encodeKind(value: unknown, tables: Tables, place: Place): Kind {
  if (value === null) return { case: 'nothing', value: Nothing.NULL };
  if (value === undefined) return { case: 'nothing', value: Nothing.UNDEFINED };
  if (typeof value === 'boolean') return { case: 'flag', value };
  if (typeof value === 'number') return { case: 'number', value };
  if (typeof value === 'bigint') return { case: 'bigint', value: String(value) };
  if (typeof value === 'string') return { case: 'text', value };
  if (value instanceof HostTensor) return { case: 'tensor', value: tables.tensor(value) };
  if (value instanceof Func) return { case: 'function', value: tables.function(value) };
  if (isOp(value)) return { case: 'op', value: tables.op(value) };
  return encodeNested(value, tables, place);
}

function encodeNested(value: unknown, tables: Tables, place: Place): Kind {
  const { where, depth } = place;
  if (depth > maxNesting) {
    throw new GraphError('GRAPH_INVALID', where, {
      what: `it is nested deeper than ${maxNesting}.`,
    });
  }
  if (Array.isArray(value)) {
    const items = value.map((item, i) => encodeValue(item, tables, inside(place, `[${i}]`)));
    return { case: 'list', value: create(ValueListSchema, { items }) };
  }
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) {
    const fields = encodeFields(value as object, tables, place);
    return { case: 'record', value: create(RecordSchema, { fields }) };
  }
  throw new GraphError('GRAPH_INVALID', where, {
    what: `a ${typeof value === 'object' ? 'class instance' : typeof value} can not be written.`,
    fix: 'attributes are plain data, host tensors, functions of the graph and ops.',
  });
}
