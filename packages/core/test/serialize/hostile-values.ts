import { create } from '@bufbuild/protobuf';
import {
  type Fetch,
  FetchSchema,
  type Output,
  ValueSchema,
} from '../../src/serialize/gen/graph_pb.js';
import { attribute, first, type Hostile, nodeNamed, number } from './real-graph.js';

function nested(depth: number): Fetch {
  let fetch = create(FetchSchema, { kind: { case: 'list', value: { items: [] } } });
  for (let i = 0; i < depth; i++)
    fetch = create(FetchSchema, { kind: { case: 'list', value: { items: [fetch] } } });
  return fetch;
}

/** Variables, names, tensors and versions that must be refused. */
export const hostileValues: readonly Hostile[] = [
  {
    why: 'a variable without a first value',
    change: (m) => {
      delete nodeNamed(m, 'variable').initial;
    },
    says: /refers to nothing/,
  },
  {
    why: 'a variable that depends on a node',
    change: (m) => {
      nodeNamed(m, 'variable').controls = [0];
    },
    says: /depends on nothing/,
  },
  {
    why: 'a variable whose first value does not fit',
    change: (m) => {
      const items = [create(ValueSchema, number(9))];
      attribute(nodeNamed(m, 'variable'), 'shape', { kind: { case: 'list', value: { items } } });
    },
    says: /first value is not/,
  },
  {
    why: 'a placeholder among the variables',
    change: (m) => {
      first(m.variables).output = { ...first(m.inputs).output } as never;
    },
    says: /not a variable/,
  },
  {
    why: 'a name twice',
    change: (m) => {
      m.inputs.push(first(m.inputs));
    },
    says: /twice/,
  },
  {
    why: 'a dtype that does not exist',
    change: (m) => {
      first(m.tensors).dtype = 99 as never;
    },
    says: /no dtype 99/,
  },
  {
    why: 'a tensor of other length',
    change: (m) => {
      first(m.tensors).data = new Uint8Array(3);
    },
    says: /needs \d+ bytes and has 3/,
  },
  {
    why: 'a tensor of 2^63 elements',
    change: (m) => {
      first(m.tensors).shape = [2n ** 63n];
    },
    code: 'SHAPE_INVALID',
    says: /\[9223372036854/,
  },
  {
    why: 'a tensor of 2^39 elements without data',
    change: (m) => {
      first(m.tensors).shape = [2n ** 39n];
    },
    says: /needs \d+ bytes/,
  },
  {
    why: 'a tensor of 17 axes',
    change: (m) => {
      first(m.tensors).shape = new Array(17).fill(1n);
    },
    code: 'SHAPE_INVALID',
    says: /17 axes/,
  },
  {
    why: 'shapes that do not fit',
    change: (m) => {
      const node = nodeNamed(m, 'matMul');
      node.inputs = [node.inputs[1], node.inputs[1]] as Output[];
    },
    code: 'SHAPE_MISMATCH',
    says: /matMul/,
  },
  {
    why: 'fetches that are nested too deeply',
    change: (m) => {
      m.fetches = nested(60);
    },
    says: /malformed/,
  },
  {
    why: 'no fetches',
    change: (m) => {
      delete m.fetches;
    },
    says: /a fetch is missing/,
  },
  {
    why: 'a newer format',
    change: (m) => {
      m.formatVersion = 9;
      m.minimumReader = 9;
    },
    says: /needs a reader of format 9/,
  },
  {
    why: 'no version',
    change: (m) => {
      m.formatVersion = 0;
    },
    says: /no format version/,
  },
  {
    why: 'a field of no schema',
    change: (m) => {
      first(m.nodes).$unknown = [{ no: 77, wireType: 0, data: Uint8Array.of(1) }];
    },
    says: /Node has no field 77/,
  },
];
