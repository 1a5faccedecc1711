import {
  add,
  cond,
  constant,
  controlDependencies,
  exp,
  gather,
  gradients,
  greater,
  group,
  mul,
  placeholder,
  randomUniform,
  Session,
  scan,
  sum,
  type Tensor,
  whileLoop,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import { Func } from '../../src/graph/func.js';
import { topologicalOrder } from '../../src/graph/rewrite.js';
import { runPasses } from '../../src/passes/index.js';
import { specialise } from '../../src/passes/specialise.js';
import { rejection } from '../graph-error.js';
import { notingOp } from '../noting-op.js';

/** Names of the ops that are left, those of nested functions in brackets. */
function left(...fetches: Tensor[]): string[] {
  const { results } = runPasses(specialise(fetches, new Map()), true);
  return opNames(results);
}

const opNames = (roots: readonly Tensor[]): string[] =>
  topologicalOrder(roots.map(({ node }) => node))
    .filter(({ op }) => op.name !== 'constant' && op.name !== 'param')
    .flatMap(({ op, attrs }) => {
      const inner = Object.values(attrs).filter((value) => value instanceof Func);
      return [op.name, ...inner.map((func) => `(${opNames(func.results).join(' ')})`)];
    });

/** Nothing folds it, and it has no effect. */
const unknown = (shape: readonly number[] = [], seed = 1) =>
  randomUniform({ shape: [...shape], seed });

describe('common subexpressions', () => {
  it('are computed once, but not across devices, orders or effects', async () => {
    const x = placeholder({ shape: [] });
    const kernels = (...fetches: Tensor[]) =>
      new Session().explain(fetches, { feeds: [[x, 1]] }).kernels;
    expect(kernels(add(exp(x), 1), mul(exp(x), 2))).to.equal(3);
    const seen: number[] = [];
    const note = notingOp(seen);
    const branch = () =>
      cond(
        greater(x, 0),
        () => note(x),
        () => x,
      );
    await new Session().run([note(x), note(x), branch(), branch()], { feeds: [[x, 1]] });
    expect(seen).to.deep.equal([1, 1, 1, 1]);
    expect(
      kernels(
        withDevice('js:0', () => exp(x)),
        exp(x),
      ),
    ).to.equal(2);
  });

  it('are found inside bodies, and bodies that are equal are one', () => {
    const body = () =>
      scan(([h]) => ({ carry: [add(exp(h as Tensor), exp(h as Tensor))] }), {
        initial: [unknown()],
        length: 3,
      }).carry[0] as Tensor;
    expect(
      left(body(), body()).filter((name) => name === 'scan' || name === '(exp add)'),
    ).to.deep.equal(['scan', '(exp add)']);
  });
});

describe('folding', () => {
  it('computes what depends on constants only, also in bodies', () => {
    expect(left(add(mul(constant([1, 2]), 3), 4))).to.deep.equal([]);
    const looped = scan(([h]) => ({ carry: [mul(h as Tensor, exp(add(constant(1), 2)))] }), {
      initial: [unknown()],
      length: 2,
    });
    expect(left(looped.carry[0] as Tensor).at(-1)).to.equal('(mul)');
  });

  it('leaves errors to the run that needs the value', async () => {
    const wrong = gather(constant([1, 2]), constant([7], { dtype: 'int32' }), { axis: 0 });
    const session = new Session();
    expect((await rejection(session.run(wrong))).code).to.equal('INDEX_OUT_OF_RANGE');
    const avoided = cond(
      greater(sum(unknown([2])), 100),
      () => wrong,
      () => constant([3]),
    );
    expect(
      (
        await session.run(
          cond(
            constant(false),
            () => gather(constant([1, 2]), constant([7], { dtype: 'int32' }), { axis: 0 }),
            () => constant([3]),
          ),
        )
      ).array(),
    ).to.deep.equal([3]);
    expect(avoided.shape).to.deep.equal([1]);
  });
});

describe('dead code', () => {
  it('drops outputs, state, rows and captures of a scan that nothing needs', () => {
    const [unusedRows, unusedCapture] = [exp(unknown([3], 2)), exp(unknown([], 3))];
    const { carry, outputs } = scan(
      ([h, waste], [row, other]) => ({
        carry: [mul(h as Tensor, row as Tensor), add(waste as Tensor, unusedCapture)],
        outputs: [exp(other as Tensor), h as Tensor],
      }),
      { initial: [unknown(), 0], sequences: [unknown([3], 4), unusedRows] },
    );
    const names = left(carry[0] as Tensor);
    expect(names.slice(-2)).to.deep.equal(['scan', '(mul)']);
    expect(names).to.not.include('exp');
    expect(left(outputs[1] as Tensor).at(-1)).to.equal('(mul)');
  });

  it('keeps state that other state needs', () => {
    const { carry } = scan(
      ([a, b]) => ({ carry: [add(a as Tensor, b as Tensor), mul(b as Tensor, 2)] }),
      { initial: [unknown([], 1), unknown([], 2)], length: 2 },
    );
    expect(left(carry[0] as Tensor).at(-1)).to.equal('(add mul)');
    expect(left(carry[1] as Tensor).at(-1)).to.equal('(mul)');
  });

  it('drops results and captures of branches and what a loop never reads', () => {
    const costly = exp(unknown([], 2));
    const [first] = cond(
      greater(unknown(), 0),
      () => [unknown([], 5), costly],
      () => [unknown([], 6), mul(costly, 2)],
    );
    expect(left(first as Tensor)).to.not.include('exp');
    const [count] = whileLoop(
      (i) => greater(3, i as Tensor),
      (i, waste) => [add(i as Tensor, 1), mul(waste as Tensor, costly)],
      [unknown(), 1],
    );
    expect(left(count as Tensor)).to.not.include('exp');
  });

  it('reaches loops in loops', () => {
    const costly = exp(unknown([], 2));
    const outer = scan(
      ([h]) => {
        const inner = scan(
          ([a, b]) => ({ carry: [mul(a as Tensor, 2), add(b as Tensor, costly)] }),
          { initial: [h as Tensor, 0], length: 2 },
        );
        return { carry: [inner.carry[0] as Tensor] };
      },
      { initial: [unknown()], length: 2 },
    );
    expect(left(outer.carry[0] as Tensor)).to.not.include('exp');
  });

  it('drops the history of a loop unless a gradient reads it', () => {
    const build = () => {
      const start = unknown();
      const { carry } = scan(([h]) => ({ carry: [mul(h as Tensor, h as Tensor)] }), {
        initial: [start],
        length: 3,
      });
      return { start, end: carry[0] as Tensor };
    };
    const memory = (fetch: Tensor) => new Session().explain(fetch).toString();
    const { start, end } = build();
    expect(memory(end)).to.match(/scan .*-> float32\[\]$/m);
    expect(memory(gradients(end, [start])[0] as Tensor)).to.match(/scan .*-> .*float32\[3\]/);
  });

  it('drops inputs of a group and order edges that have no effects, and keeps those that have', async () => {
    const seen: number[] = [];
    const note = notingOp(seen);
    const idle = exp(unknown());
    const all = controlDependencies([exp(unknown([], 2)), note(1)], () => group([idle, note(2)]));
    expect(left(all)).to.not.include('exp');
    await new Session().run(all);
    expect(seen).to.have.members([1, 2]);
  });

  it('keeps results of bodies that have effects', async () => {
    for (const optimise of [true, false]) {
      const seen: number[] = [];
      const note = notingOp(seen);
      const { carry } = scan(
        ([h]) => ({ carry: [add(h as Tensor, 1)], outputs: [note(h as Tensor)] }),
        { initial: [0], length: 3 },
      );
      await new Session({ optimise }).run(carry);
      expect(seen).to.deep.equal([0, 1, 2]);
    }
  });
});
