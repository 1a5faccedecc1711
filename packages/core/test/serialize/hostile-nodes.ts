import { create } from '@bufbuild/protobuf';
import {
  type Fetch,
  type FetchRecord,
  type GraphDef,
  type Node,
  NodeSchema,
  OutputSchema,
  ValueSchema,
} from '../../src/serialize/gen/graph_pb.js';
import { attribute, first, type Hostile, nodeNamed, number } from './real-graph.js';

/** f0 calls nothing; f(i + 1) calls f(i) twice: 2^i nodes in a few hundred bytes. */
function doubling(message: GraphDef): void {
  const body = message.functions.findIndex(
    ({ params, results }) => params.length === 1 && results.length === 1,
  );
  const call = nodeNamed(message, 'call');
  for (let i = 0, last = body; i < 40; i++) {
    const param = create(
      NodeSchema,
      first(
        (message.functions[body] as (typeof message.functions)[0]).nodes.filter(
          ({ op }) => op === 'param',
        ),
      ),
    );
    const calls = [0, 1].map((node) => {
      const made = create(NodeSchema, { op: 'call', inputs: [create(OutputSchema, { node })] });
      made.attributes = [
        {
          ...first(call.attributes),
          value: create(ValueSchema, { kind: { case: 'function', value: last } }),
        },
      ];
      return made;
    });
    last =
      message.functions.push({
        $typeName: 'tenon.graph.v1.Function',
        nodes: [param, ...calls],
        params: [0],
        results: [create(OutputSchema, { node: 2 })],
      }) - 1;
  }
}

/** Nodes, attributes and functions that must be refused. */
export const hostileNodes: readonly Hostile[] = [
  {
    why: 'a node that depends on itself',
    change: (m) => {
      first(nodeNamed(m, 'tanh').inputs).node = m.nodes.findIndex(({ op }) => op === 'tanh');
    },
    says: /no output 0 of a node \d+ before it/,
  },
  {
    why: 'an input that does not exist',
    change: (m) => {
      first(nodeNamed(m, 'tanh').inputs).node = 2 ** 32 - 1;
    },
    says: /before it/,
  },
  {
    why: 'an output that does not exist',
    change: (m) => {
      first(nodeNamed(m, 'tanh').inputs).index = 7;
    },
    says: /no output 7/,
  },
  {
    why: 'a control edge to a later node',
    change: (m) => {
      first(m.nodes).controls = [m.nodes.length];
    },
    says: /to wait for/,
  },
  {
    why: 'too few inputs',
    change: (m) => {
      nodeNamed(m, 'matMul').inputs.pop();
    },
    says: /takes 2 inputs and has 1/,
  },
  {
    why: 'too many inputs',
    change: (m) => {
      nodeNamed(m, 'tanh').inputs.push(create(OutputSchema));
    },
    says: /takes 1 inputs and has 2/,
  },
  {
    why: 'an op that is not known',
    change: (m) => {
      nodeNamed(m, 'tanh').op = 'tahn';
    },
    code: 'NAME_UNKNOWN',
    says: /did you mean tan/,
  },
  {
    why: 'an op named like a property of objects',
    change: (m) => {
      nodeNamed(m, 'tanh').op = '__proto__';
    },
    code: 'NAME_UNKNOWN',
    says: /__proto__/,
  },
  {
    why: 'an attribute of the wrong kind',
    change: (m) => attribute(nodeNamed(m, 'matMul'), 'transposeA', number(1)),
    says: /transposeA/,
  },
  {
    why: 'an attribute without a value',
    change: (m) => attribute(nodeNamed(m, 'matMul'), 'transposeA', {}),
    says: /has no value/,
  },
  {
    why: 'an attribute that the op does not have',
    change: (m) => {
      first(nodeNamed(m, 'matMul').attributes).name = 'transposeC';
    },
    says: /transposeC/,
  },
  {
    why: 'an attribute twice',
    change: (m) => {
      const { attributes } = nodeNamed(m, 'matMul');
      attributes.push(first(attributes));
    },
    says: /twice/,
  },
  {
    why: 'an attribute named __proto__',
    change: (m) => {
      first(nodeNamed(m, 'matMul').attributes).name = '__proto__';
    },
    says: /not allowed/,
  },
  {
    why: 'a fetch named constructor',
    change: (m) => {
      const { fields } = (m.fetches as Fetch).kind.value as FetchRecord;
      first(fields).name = 'constructor';
    },
    says: /not allowed/,
  },
  {
    why: 'billions of outputs',
    change: (m) => attribute(nodeNamed(m, 'split'), 'sizes', number(2 ** 31)),
    says: /sizes/,
  },
  {
    why: 'a function that does not exist',
    change: (m) =>
      attribute(nodeNamed(m, 'scan'), 'body', { kind: { case: 'function', value: 99 } }),
    says: /no function 99/,
  },
  {
    why: 'a function with other parameters',
    change: (m) => {
      const value = m.functions.findIndex(({ params }) => params.length !== 2);
      attribute(nodeNamed(m, 'scan'), 'body', { kind: { case: 'function', value } });
    },
    says: /body|scan|parameters|results/,
  },
  {
    why: 'a function that reaches a later one',
    change: (m) => {
      const f = m.functions.find(({ nodes }) => nodes.some(({ op }) => op === 'cond'));
      attribute(f?.nodes.find(({ op }) => op === 'cond') as Node, 'whenTrue', {
        kind: { case: 'function', value: m.functions.length - 1 },
      });
    },
    says: /no function|parameters/,
  },
  {
    why: 'a parameter that is computed',
    change: (m) => {
      const f = m.functions.find(({ nodes }) => nodes.length > 1);
      if (f) f.params = [f.nodes.length - 1];
    },
    says: /computed/,
  },
  {
    why: 'an input that is not a parameter',
    change: (m) => {
      first(m.functions).params.pop();
    },
    says: /not a parameter|parameters/,
  },
  { why: 'functions that double forty times', change: doubling, says: /stands for more than/ },
];
