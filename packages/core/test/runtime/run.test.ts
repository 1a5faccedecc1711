import {
  add,
  assign,
  assignAdd,
  constant,
  controlDependencies,
  defineOp,
  type HostTensor,
  js,
  mul,
  placeholder,
  randomUniform,
  read,
  Session,
  scan,
  type Tensor,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import { codeOf, rejection } from '../graph-error.js';

const arrays = (values: unknown): unknown =>
  Array.isArray(values) ? values.map(arrays) : (values as HostTensor).array();

/** Hands its input on, or fails when it is negative. */
const positive = defineOp({
  name: 'positive',
  inputs: ['x'],
  role: 'host',
  infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
  grad: null,
  run({ x }) {
    if (x.item() < 0) throw new Error('negative');
    return x;
  },
});

describe('a run', () => {
  it('gives values in the nesting of the fetches, and runs nothing else', async () => {
    const session = new Session();
    const x = placeholder({ shape: [2] });
    const never = positive(-1);
    const { a, b } = await session.run({ a: [x, [mul(x, 2)]], b: { c: add(x, 1) } } as const, {
      feeds: [[x, [1, 2]]],
    });
    expect([arrays(a), arrays(b.c)]).to.deep.equal([
      [[1, 2], [[2, 4]]],
      [2, 3],
    ]);
    expect((await rejection(session.run(never))).code).to.equal('RUN_FAILED');
  });

  it('takes a value for any tensor and then computes nothing below it', async () => {
    const session = new Session();
    const x = placeholder({ shape: [2], name: 'x' });
    const middle = mul(positive(-1), x);
    const y = add(middle, 1);
    expect(arrays(await session.run([y, middle], { feeds: [[middle, [5, 6]]] }))).to.deep.equal([
      [6, 7],
      [5, 6],
    ]);
  });

  it('does not wait for a fed tensor that it was told to come after', async () => {
    const session = new Session();
    const x = placeholder({ shape: [] });
    const y = controlDependencies([x, positive(x)], () => add(constant(1), 1));
    expect(arrays(await session.run(y, { feeds: [[x, 3]] }))).to.equal(2);
  });

  it('reads a fed value for a variable, and still sets the variable', async () => {
    const session = new Session();
    const v = variable(1);
    const update = assign(v, mul(v, 10));
    expect(arrays(await session.run([v, update], { feeds: [[v, 7]] }))).to.deep.equal([7, 70]);
    expect(arrays(await session.read(v))).to.equal(70);
  });

  it('reads variables as they were before it, and after an update where told so', async () => {
    const session = new Session();
    const v = variable([1, 2], { name: 'v' });
    const update = assignAdd(v, 10);
    const after = controlDependencies([update], () => mul(read(v), 2));
    expect(arrays(await session.run([v, update, after, read(v)]))).to.deep.equal([
      [1, 2],
      [11, 12],
      [22, 24],
      [1, 2],
    ]);
    expect(arrays(await session.run(v))).to.deep.equal([11, 12]);
  });

  it('lets the last of ordered updates count, and refuses unordered ones', async () => {
    const session = new Session();
    const v = variable(1, { name: 'v' });
    const first = assignAdd(v, 1);
    const second = controlDependencies([first], () => assign(v, mul(read(v), 10)));
    await session.run([second, first]);
    expect(arrays(await session.run(v))).to.equal(20);
    const error = await rejection(session.run([first, assignAdd(v, 2)]));
    expect([error.code, error.message]).to.deep.equal(['UPDATE_CONFLICT', error.message]);
    expect(error.message).to.match(/controlDependencies/);
  });

  it('swaps variables', async () => {
    const session = new Session();
    const [a, b] = [variable(1), variable(2)];
    await session.run([assign(a, b), assign(b, a)]);
    expect(arrays(await session.run([a, b]))).to.deep.equal([2, 1]);
  });

  it('changes nothing when it fails, and leaves the session usable', async () => {
    for (const devices of [[js()], [js(), js({ index: 1 })]]) {
      const session = new Session({ devices });
      const x = placeholder({ shape: [] });
      const [v, w] = [variable(1), withDevice(devices.at(-1)?.name as string, () => variable(1))];
      const step = [
        assignAdd(v, 1),
        assignAdd(w, positive(x)),
        randomUniform({ shape: [2], seed: 1 }),
      ];
      await session.run(step, { feeds: [[x, 1]] });
      const twin = session.runs;
      const error = await rejection(session.run(step, { feeds: [[x, -1]] }));
      expect([error.code, error.message]).to.deep.equal(['RUN_FAILED', error.message]);
      expect([session.runs, arrays(await session.run([v, w]))]).to.deep.equal([twin, [2, 2]]);
      await session.run(step, { feeds: [[x, 1]] });
      expect(arrays(await session.run([v, w]))).to.deep.equal([3, 3]);
    }
  });

  it('names what is wrong with feeds', async () => {
    const session = new Session();
    const x = placeholder({ shape: [null, 2], name: 'pixels' });
    const y = mul(x, 2);
    const missing = await rejection(session.run(y));
    expect([missing.code, missing.where]).to.deep.equal(['FEED_MISSING', 'pixels']);
    expect(missing.message)
      .to.match(/float32\[\?, 2\]/)
      .and.to.match(/feeds: \[\[placeholder, value\]\]/);
    const wrong = await rejection(session.run(y, { feeds: [[x, [[1, 2, 3]]]] }));
    expect([wrong.code, wrong.message]).to.deep.equal(['FEED_INVALID', wrong.message]);
    expect(wrong.message).to.match(/fed: float32\[1, 3\]/);
    const codes = [
      session.run(y, { feeds: [[x, [[1, 2], [3]]]] }),
      session.run(y, {
        feeds: [
          [x, [[1, 2]]],
          [x, [[1, 2]]],
        ],
      }),
      session.run(y, { feeds: [[3 as never, 3]] }),
    ].map(async (run) => (await rejection(run)).code);
    expect(await Promise.all(codes)).to.deep.equal([
      'FEED_INVALID',
      'FEED_INVALID',
      'FEED_INVALID',
    ]);
    expect(codeOf(() => session.prepare(y, [x]).sync())).to.equal('FEED_MISSING');
  });

  it('refuses fetches that are no tensors, and tensors out of a body', async () => {
    const session = new Session();
    let inside: Tensor | undefined;
    const { carry } = scan(
      ([h]) => {
        inside = mul(h as Tensor, 2);
        return { carry: [inside] };
      },
      { initial: [1], length: 2 },
    );
    expect(arrays(await session.run(carry))).to.deep.equal([4]);
    expect((await rejection(session.run(inside as Tensor))).code).to.equal('FETCH_INVALID');
    const outside = await rejection(session.run(add(inside as Tensor, 1)));
    expect([outside.code, outside.message]).to.deep.equal(['GRAPH_INVALID', outside.message]);
    expect(outside.message).to.match(/body of scan/);
    expect(
      codeOf(() =>
        scan(([h]) => ({ carry: [add(h as Tensor, inside as Tensor)] }), {
          initial: [1],
          length: 1,
        }),
      ),
    ).to.equal(undefined);
    expect((await rejection(session.run([3] as never))).code).to.equal('FETCH_INVALID');
    expect((await rejection(session.run(new Map() as never))).code).to.equal('FETCH_INVALID');
  });
});
