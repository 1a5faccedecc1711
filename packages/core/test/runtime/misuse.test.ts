import {
  add,
  assign,
  concat,
  constant,
  controlDependencies,
  defineOp,
  type ErrorCode,
  gradients,
  group,
  HostTensor,
  js,
  mul,
  placeholder,
  Session,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import { codeOf, rejection } from '../graph-error.js';

// What a caller without types may hand over.
const wrong = (value: unknown) => value as never;

describe('misuse of the engine is a coded error', () => {
  const x = placeholder({ shape: [1], name: 'x' });
  const w = variable([1]);

  const calls: readonly [string, ErrorCode, () => unknown][] = [
    ['inputs that are no list', 'VALUE_INVALID', () => concat(wrong(constant([1])))],
    ['no inputs at all', 'VALUE_INVALID', () => group(wrong(undefined))],
    ['a missing operand', 'VALUE_INVALID', () => add(1, wrong(undefined))],
    ['an unknown dtype', 'VALUE_INVALID', () => constant([1], { dtype: wrong('float8') })],
    ['a shape that is no list', 'SHAPE_INVALID', () => constant([1], { shape: wrong(1) })],
    ['a variable of no name', 'ATTRIBUTE_INVALID', () => variable(1, { name: '' })],
    ['one x without a list', 'VALUE_INVALID', () => gradients(add(w, 1), wrong(w))],
    ['no x', 'VALUE_INVALID', () => gradients(add(w, 1), [wrong(undefined)])],
    ['no y', 'VALUE_INVALID', () => gradients(wrong(undefined), [w])],
    [
      'a gradient too many',
      'SHAPE_MISMATCH',
      () => gradients(add(w, 1), [w], { gradYs: [[1], [1]] }),
    ],
    ['a session of no programs', 'ATTRIBUTE_INVALID', () => new Session({ programs: 0 })],
    ['a seed that is no integer', 'ATTRIBUTE_INVALID', () => new Session({ seed: Number.NaN })],
    ['devices of one name', 'NAME_TAKEN', () => new Session({ devices: [js(), js()] })],
    ['a placeholder prepared twice', 'FEED_INVALID', () => new Session().prepare(x, [x, x])],
    ['a prepared tensor without a list', 'FEED_INVALID', () => new Session().prepare(x, wrong(x))],
    ['order without a list', 'VALUE_INVALID', () => controlDependencies(wrong(x), () => x)],
    ['a prepared nothing', 'FEED_INVALID', () => new Session().prepare(x, [wrong(undefined)])],
  ];
  for (const [name, code, call] of calls) {
    it(`${name}: ${code}`, () => expect(codeOf(call)).to.equal(code));
  }

  const runs: readonly [string, ErrorCode, (session: Session) => Promise<unknown>][] = [
    [
      'one pair in place of a list',
      'FEED_INVALID',
      (s) => s.run(x, { feeds: [x, [1]] as unknown as [] }),
    ],
    ['feeds by name', 'FEED_INVALID', (s) => s.run(x, { feeds: wrong({ x: [1] }) })],
    ['a fed nothing', 'FEED_INVALID', (s) => s.run(x, { feeds: [[wrong(undefined), [1]]] })],
    ['reading a constant', 'VALUE_INVALID', (s) => s.read(wrong(constant(1)))],
    ['writing nothing', 'VALUE_INVALID', (s) => s.write(wrong(undefined), 1)],
    ['initialising without a list', 'VALUE_INVALID', (s) => s.initialize(wrong(w))],
    ['initialising a constant', 'VALUE_INVALID', (s) => s.initialize([wrong(constant(1))])],
  ];
  for (const [name, code, call] of runs) {
    it(`${name}: ${code}`, async () => {
      expect((await rejection(call(new Session()))).code).to.equal(code);
    });
  }
});

describe('a host function', () => {
  it('can not start a run of its session within a synchronous one', () => {
    const session = new Session();
    const x = placeholder({ shape: [1] });
    const again = hostOp('again', (value) => {
      session.runSync(y, { feeds: [[x, [100]]] });
      return value;
    });
    const y = add(mul(x, 2), again(x));
    expect(codeOf(() => session.runSync(y, { feeds: [[x, [1]]] }))).to.equal('STATE_INVALID');
    expect(session.runSync(mul(x, 2), { feeds: [[x, [1]]] }).array()).to.deep.equal([2]);
  });

  it('that throws nothing still stops the parts that wait for it', async () => {
    const session = new Session({ devices: [js(), js({ index: 1 })] });
    const fails = hostOp('fails', () => {
      throw undefined;
    });
    const here = placeholder({ shape: [1] });
    const there = withDevice('js:1', () => fails(here));
    const failure = await rejection(session.run(add(there, 1), { feeds: [[here, [1]]] }));
    expect(failure.code).to.equal('RUN_FAILED');
    expect((await session.run(add(here, 1), { feeds: [[here, [1]]] })).array()).to.deep.equal([2]);
  });

  it('must give the shape that was inferred', () => {
    const turned = hostOp('turned', ({ data }) => new HostTensor(data, [3, 2]));
    const run = () =>
      new Session().runSync(
        turned([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      );
    expect(codeOf(run)).to.equal('RUN_FAILED');
  });

  it('that closes the session ends the run without a change', () => {
    const session = new Session();
    const closes = hostOp('closes', (value) => {
      session.close();
      return value;
    });
    expect(codeOf(() => session.runSync(assign(variable([1]), closes([2]))))).to.equal(
      'SESSION_CLOSED',
    );
  });
});

function hostOp(name: string, run: (value: HostTensor) => HostTensor) {
  return defineOp({
    name,
    inputs: ['x'],
    role: 'host',
    infer: ({ x }) => x,
    grad: null,
    run: ({ x }) => run(x),
  });
}
