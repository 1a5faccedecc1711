import {
  add,
  assign,
  assignAdd,
  constant,
  type Device,
  defineOp,
  type HostTensor,
  hostTensor,
  js,
  matMul,
  mul,
  placeholder,
  randomUniform,
  Session,
  scan,
  type Tensor,
  variable,
} from '@tenon/core';
import { expect } from 'chai';
import { z } from 'zod';
import { codeOf, rejection } from '../graph-error.js';

const arrays = (values: unknown): unknown =>
  Array.isArray(values) ? values.map(arrays) : (values as HostTensor).array();

describe('a session', () => {
  it('evaluates initial values when they are needed, in the order of their dependence, once', async () => {
    const session = new Session({ seed: 3 });
    const a = variable(randomUniform({ shape: [3] }), { name: 'a' });
    const b = variable(mul(a, 2), { name: 'b' });
    const c = variable(add(a, b), { name: 'c' });
    const [x, y, z] = (await session.run([a, b, c])) as [HostTensor, HostTensor, HostTensor];
    const [xs, ys, zs] = [x, y, z].map(({ data }) => data as Float32Array) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    expect(ys).to.deep.equal(xs.map((value) => value * 2));
    expect(zs).to.deep.equal(xs.map((value, i) => value + (ys[i] as number)));
    expect(await session.run(a)).to.deep.equal(x);
  });

  it('keeps what was written or initialised before', async () => {
    const session = new Session();
    const a = variable(1);
    await session.write(a, 5);
    await session.initialize([a]);
    expect(arrays(await session.read(a))).to.equal(5);
  });

  it('uses one program for graphs of one structure, and one for each shape', () => {
    const session = new Session();
    const compiled = () =>
      (session as unknown as { runner: { programs: { size: number } } }).runner.programs.size;
    const x = placeholder({ shape: [null] });
    const build = (factor: number) => add(mul(x, factor), 1);
    for (let i = 0; i < 5; i++) session.runSync(build(2), { feeds: [[x, [1, 2]]] });
    expect(compiled()).to.equal(1);
    session.runSync(build(2), { feeds: [[x, [1, 2, 3]]] });
    expect(compiled()).to.equal(2);
    const different = [
      session.runSync(build(3), { feeds: [[x, [1, 2]]] }),
      session.runSync(build(2), { feeds: [[x, [1, 2]]] }),
    ];
    expect(arrays(different)).to.deep.equal([
      [4, 7],
      [3, 5],
    ]);
    expect(compiled()).to.equal(3);
  });

  it('tells attributes apart that JSON does not', () => {
    const session = new Session();
    const filled = defineOpOfValue();
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];
    expect(values.map((value) => session.runSync(filled({ value })).data[0])).to.deep.equal(values);
    expect(
      session.runSync(values.map((value) => filled({ value }))).map(({ data }) => data[0]),
    ).to.deep.equal(values);
  });

  it('prepares runs that take values in order', async () => {
    const session = new Session();
    const [a, b] = [placeholder({ shape: [null, 2] }), placeholder({ shape: [2, null] })];
    const product = session.prepare({ y: matMul(a, b) }, [a, b]);
    expect(arrays((await product([[1, 2]], [[3], [4]])).y)).to.deep.equal([[11]]);
    expect(
      arrays(
        product.sync(
          [
            [1, 2],
            [0, 1],
          ],
          [
            [3, 1],
            [4, 1],
          ],
        ).y,
      ),
    ).to.deep.equal([
      [11, 3],
      [4, 1],
    ]);
  });

  it('runs what is asked for at the same time one after the other', async () => {
    const session = new Session();
    const v = variable(0);
    const step = assignAdd(v, 1);
    const found = await Promise.all(Array.from({ length: 20 }, () => session.run(step)));
    expect(arrays(found)).to.deep.equal(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('refuses a synchronous run while another has not ended', async () => {
    const session = new Session();
    const v = variable(0);
    const pending = session.run(assignAdd(v, 1));
    expect(codeOf(() => session.runSync(v))).to.equal('STATE_INVALID');
    await pending;
    expect(arrays(session.runSync(v))).to.equal(1);
  });

  it('draws other numbers at each run and at each turn of a loop, and the same from the same seed', () => {
    const build = () => {
      const noise = () => randomUniform({ shape: [2], seed: 4 });
      return scan(
        () => ({
          carry: [],
          outputs: [
            noise(),
            scan(() => ({ carry: [], outputs: [noise()] }), { length: 2 }).outputs[0] as Tensor,
          ],
        }),
        { length: 3 },
      ).outputs;
    };
    const draw = (session: Session) =>
      session.runSync([...build()]).flatMap(({ data }) => Array.from(data, Number));
    const [one, two] = [new Session({ seed: 1 }), new Session({ seed: 1 })];
    const drawn = [...draw(one), ...draw(one)];
    expect(new Set(drawn).size).to.equal(drawn.length);
    expect([...draw(two), ...draw(two)]).to.deep.equal(drawn);
  });

  it('explains a run without making one', async () => {
    const session = new Session();
    const v = variable([1, 2], { name: 'v' });
    const { nodes, kernels, devices, ...rest } = session.explain(assign(v, add(mul(v, 2), 1)));
    expect([nodes > 3, kernels, devices]).to.deep.equal([true, 2, ['js:0']]);
    expect(rest.toString())
      .to.match(/passes\n {2}commonSubexpressions/)
      .and.to.match(/memory: \d+ bytes/);
    expect(arrays(await session.read(v))).to.deep.equal([1, 2]);
  });

  it('leaves devices that it was given to other sessions, and does not run one that is asynchronous at once', () => {
    const device = js();
    let closed = 0;
    const shared: Device = Object.assign(Object.create(device), {
      name: 'js:0',
      close: () => closed++,
    });
    const [one, two] = [new Session({ devices: [shared] }), new Session({ devices: [shared] })];
    one.close();
    expect([closed, arrays(two.runSync(constant([1])))]).to.deep.equal([0, [1]]);
    const later: Device = Object.assign(Object.create(device), { synchronous: false });
    const session = new Session({ devices: [later] });
    expect(codeOf(() => session.runSync(constant([1])))).to.equal('STATE_INVALID');
  });

  it('does nothing any more once it is closed', async () => {
    const session = new Session();
    const v = variable(1);
    const call = session.prepare(v);
    const last = session.run(v);
    session.close();
    session.close();
    const codes = await Promise.all(
      [last, session.run(v), call(), session.read(v), session.write(v, 1)].map(
        async (run) => (await rejection(run)).code,
      ),
    );
    expect(new Set(codes)).to.deep.equal(new Set(['SESSION_CLOSED']));
    expect([
      codeOf(() => session.runSync(v)),
      codeOf(() => session.explain(v)),
      codeOf(() => call.sync()),
    ]).to.deep.equal(new Array(3).fill('SESSION_CLOSED'));
  });
});

/** A scalar of an attribute's value, computed by the op. */
function defineOpOfValue() {
  return defineOp({
    name: 'filled',
    inputs: [],
    attrs: z.strictObject({ value: z.any() }) as unknown as z.ZodType<{ value: number }>,
    role: 'pure',
    infer: () => ({ dtype: 'float64', shape: [] }),
    grad: null,
    run: (_inputs, { value }) => hostTensor(value, { dtype: 'float64' }),
  });
}
