import {
  add,
  allOps,
  assign,
  assignAdd,
  cond,
  controlDependencies,
  decodeGraph,
  defineOp,
  dtypeNames,
  encodeGraph,
  exp,
  Func,
  gradients,
  greater,
  group,
  HostTensor,
  hostTensor,
  logSumExp,
  mul,
  Session as NewSession,
  neg,
  placeholder,
  randomNormal,
  read,
  type Session,
  scan,
  sum,
  Tensor,
  tanh,
  variable,
  withDevice,
  withName,
} from '@tenon/core';
import { expect } from 'chai';
import { z } from 'zod';
import { codeOf } from '../graph-error.js';
import { sameAfterRoundTrip } from './same-graph.js';

/** An op with an attribute of any kind. */
const note = defineOp({
  name: 'note',
  inputs: ['x'],
  attrs: z.strictObject({ value: z.unknown() }),
  infer: ({ x }) => x,
  grad: null,
  lower: () => ({ kind: 'alias', input: 0 }),
});

const double = defineOp({
  name: 'double',
  inputs: ['x'],
  role: 'host',
  infer: ({ x }) => x,
  grad: null,
  run: ({ x }) => x,
});

const withNote = { ops: [...allOps, note] };
const noted = (value: unknown): unknown => {
  const copy = decodeGraph<Tensor>(encodeGraph({ fetches: note(1, { value }) }), withNote);
  return copy.fetches.node.attrs.value;
};

const close = (...sessions: Session[]) => sessions.forEach((session) => void session.close());

describe('parts of graphs as bytes', () => {
  it('keep attributes of every kind', () => {
    const values: unknown[] = [
      ...[0, -0, 0.1, Number.NaN, Number.POSITIVE_INFINITY, -(2 ** 60), 2n ** 70n, -5n],
      ...[
        '',
        'größe \u0000 €',
        true,
        false,
        null,
        undefined,
        [],
        {},
        [[1, [null]], { a: [undefined] }],
      ],
      { b: 1, a: { nested: 'record', list: ['x', 1n] } },
    ];
    for (const value of values) expect(noted(value)).to.deep.equal(value);
    expect(Object.is(noted(-0), -0)).to.equal(true);
    expect(noted(neg)).to.equal(neg);
  });

  it('keep tensors of every dtype, bit for bit', () => {
    for (const dtype of dtypeNames) {
      const tensors = [[0, 1, 1, 0, 1, 0], []].map((data) =>
        hostTensor(data, { dtype, shape: [data.length / 2, 2] }),
      );
      for (const tensor of tensors) expect(noted(tensor)).to.deep.equal(tensor);
    }
    const odd = new HostTensor(
      Float32Array.of(Number.NaN, -0, 1e-45, Number.NEGATIVE_INFINITY),
      [4],
    );
    expect(noted(odd)).to.deep.equal(odd);
  });

  it('store a tensor once, however many nodes hold it', () => {
    const big = hostTensor(new Float32Array(1000));
    const [one, two] = [note(1, { value: big }), note(2, { value: big })];
    const copy = decodeGraph<Tensor[]>(encodeGraph({ fetches: [one, two] }), withNote);
    const [first, second] = copy.fetches.map(({ node }) => node.attrs.value);
    expect(first).to.equal(second);
  });

  it('keep nested functions, and a gradient that waits for sizes', () => {
    const x = placeholder({ shape: [null, 3], name: 'x' });
    const { carry } = scan(
      ([h], [row]) => ({
        carry: [
          cond(
            greater(sum(h as Tensor), 0),
            () => add(h as Tensor, row as Tensor),
            () => exp(tanh(mul(row as Tensor, 2))),
          ),
        ],
      }),
      { initial: [[0.5, -1, 2]], sequences: [x] },
    );
    const y = logSumExp(carry[0] as Tensor);
    const graph = {
      fetches: { y, dx: gradients(logSumExp(x), [x]), ddx: gradients(y, [x]) },
      inputs: { x },
    };
    const copy = sameAfterRoundTrip(graph);
    const [one, two] = [new NewSession(), new NewSession()];
    const data = Float32Array.of(1, 2, 3, -4, 5, -6);
    const found = two.runSync(copy.fetches as typeof graph.fetches, {
      feeds: [[copy.inputs.get('x') as Tensor, data]],
    });
    expect(found).to.deep.equal(one.runSync(graph.fetches, { feeds: [[x, data]] }));
    close(one, two);
  });

  it('keep variables with their first values, updates, control edges, device hints and paths', async () => {
    const start = variable(randomNormal({ shape: [2], seed: 4 }), { name: 'start' });
    const graph = withName('model', () => {
      const w = withDevice('js:0', () => variable(mul(start, 2), { name: 'w', trainable: false }));
      const step = assignAdd(w, [1, 2]);
      const after = controlDependencies([step], () => mul(read(w), 10));
      return {
        fetches: { train: group([step]), nested: [after, { w }] },
        inputs: {},
        variables: [start, w],
      };
    });
    const copy = sameAfterRoundTrip(graph);
    expect([...copy.variables.keys()]).to.deep.equal(['start', 'model/w']);
    expect(copy.variables.get('model/w')).to.include({ trainable: false, name: 'model/w' });
    const [one, two] = [new NewSession({ seed: 8 }), new NewSession({ seed: 8 })];
    for (let run = 0; run < 2; run++) {
      expect(await two.run(copy.fetches as typeof graph.fetches)).to.deep.equal(
        await one.run(graph.fetches),
      );
    }
    close(one, two);
  });

  it('find placeholders and variables by their own names', () => {
    const [a, b] = [placeholder({ shape: [], name: 'a' }), placeholder({ shape: [], name: 'b' })];
    const copy = decodeGraph(encodeGraph({ fetches: add(a, add(b, variable(1, { name: 'v' }))) }));
    expect([[...copy.inputs.keys()], [...copy.variables.keys()]]).to.deep.equal([
      ['a', 'b'],
      ['v'],
    ]);
    const twice = add(a, placeholder({ shape: [], name: 'a' }));
    expect(codeOf(() => encodeGraph({ fetches: twice }))).to.equal('NAME_TAKEN');
    const variables = add(variable(1, { name: 'v' }), variable(2, { name: 'v' }));
    expect(codeOf(() => encodeGraph({ fetches: variables }))).to.equal('NAME_TAKEN');
  });

  it('keep long chains', () => {
    let x: Tensor = placeholder({ shape: [] });
    for (let i = 0; i < 5000; i++) x = neg(x);
    const bytes = encodeGraph({ fetches: x });
    const copy = decodeGraph(bytes);
    expect(encodeGraph({ fetches: copy.fetches })).to.deep.equal(bytes);
  });

  it('refuse what can not be written', () => {
    const deep = Array.from({ length: 50 }).reduce<unknown>((inner) => [inner], 1);
    for (const value of [deep, new Date(0), Symbol('x'), () => 1]) {
      expect(codeOf(() => encodeGraph({ fetches: note(1, { value }) }))).to.equal('GRAPH_INVALID');
    }
    const record = { value: JSON.parse('{ "__proto__": 1 }') };
    expect(codeOf(() => encodeGraph({ fetches: note(1, record) }))).to.equal('FORMAT_INVALID');
    const other = defineOp({ name: 'note', inputs: ['x'], infer: ({ x }) => x, grad: null });
    expect(codeOf(() => encodeGraph({ fetches: other(note(1, { value: 0 })) }))).to.equal(
      'NAME_TAKEN',
    );
  });

  it('use only ops that are given, and host functions only where they are trusted', () => {
    const [custom, host] = [note(1, { value: 0 }), double(1)].map((fetches) =>
      encodeGraph({ fetches }),
    ) as [Uint8Array, Uint8Array];
    expect(() => decodeGraph(custom, { ops: [...allOps, double] })).to.throw(/there is no op note/);
    expect(() => decodeGraph(host, { ops: [...allOps, double] }))
      .to.throw(/NAME_UNKNOWN/)
      .and.match(/hostOps/);
    expect(decodeGraph<Tensor>(host, { hostOps: [double] }).fetches.node.op).to.equal(double);
    const misspelt = defineOp({ name: 'tanhh', inputs: ['x'], infer: ({ x }) => x, grad: null });
    expect(() => decodeGraph(encodeGraph({ fetches: misspelt(1) }))).to.throw(
      /did you mean tanh\?/,
    );
  });

  it('give tensors and functions their classes back', () => {
    const f = new Func([placeholder({ shape: [] })], []);
    expect(noted({ f })).to.have.property('f').that.is.instanceOf(Func);
    const assigned = decodeGraph<Tensor>(encodeGraph({ fetches: assign(variable(1), 2) }));
    expect(assigned.fetches).to.be.instanceOf(Tensor);
  });
});
