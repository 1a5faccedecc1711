import {
  add,
  cond,
  constant,
  customGradient,
  defineOp,
  exp,
  gradients,
  matMul,
  mul,
  type Op,
  placeholder,
  recompute,
  Session,
  scan,
  stopGradient,
  sub,
  sum,
  type Tensor,
  whileLoop,
} from '@tenon/core';
import { expect } from 'chai';
import { codeOf } from '../graph-error.js';
import { numericGradient } from './numeric-gradient.js';

const session = new Session();
const values = (fetch: Tensor, feeds: [Tensor, number[] | number][] = []) =>
  session.runSync(fetch, { feeds }).array();
const float64 = (shape: (number | null)[]) => placeholder({ shape, dtype: 'float64' });

/** Compares the gradient, and the gradient of a function of it, with differences. */
function checkGradients(
  build: (x: Tensor) => Tensor,
  at: number[],
  shape: (number | null)[] = [at.length],
): void {
  const x = float64(shape);
  const y = build(x);
  const [dx] = gradients(y, [x]) as [Tensor];
  const z = sum(mul(dx, dx));
  const [ddx] = gradients(z, [x]) as [Tensor];
  const run = (fetch: Tensor, point: number[]) =>
    Array.from(session.runSync(fetch, { feeds: [[x, Float64Array.from(point)]] }).data, Number);
  for (const [value, gradient] of [
    [y, dx],
    [z, ddx],
  ] as const) {
    const expected = numericGradient((point) => run(value, point)[0] as number, at);
    run(gradient, at).forEach(
      (found, i) => void expect(found).to.be.closeTo(expected[i] as number, 1e-5),
    );
  }
}

describe('gradients through control flow', () => {
  it('flow through both branches of a cond, twice', () => {
    const build = (x: Tensor) => {
      const total = sum(x);
      const predicate = constant(true);
      const not = constant(false);
      const yes = cond(
        predicate,
        () => sum(mul(mul(x, x), total)),
        () => total,
      );
      return add(
        yes,
        cond(
          not,
          () => total,
          () => exp(total),
        ),
      );
    };
    checkGradients(build, [0.3, -0.7, 0.2]);
    checkGradients(build, [0.3, -0.7], [null]);
  });

  it('flow through state, rows and captures of a scan, twice, whatever its direction and length', () => {
    for (const reverse of [false, true]) {
      const build = (x: Tensor) => {
        const scale = sum(x);
        const { carry, outputs } = scan(
          ([h, n], [row]) => {
            const next = mul(exp(mul(h as Tensor, 0.5)), add(row as Tensor, scale));
            return {
              carry: [next, add(n as Tensor, constant(1, { dtype: 'int32' }))],
              outputs: [mul(next, next), n as Tensor],
            };
          },
          {
            initial: [constant(0.3, { dtype: 'float64' }), constant(0, { dtype: 'int32' })],
            sequences: [x],
            reverse,
          },
        );
        return add(sum(outputs[0] as Tensor), carry[0] as Tensor);
      };
      checkGradients(build, [0.3, -0.7, 0.2, 0.1]);
      checkGradients(build, [0.3, -0.7], [null]);
      checkGradients(build, [0.3], [null]);
    }
  });

  it('give zeros for a scan of no turns, except to its first state', () => {
    const x = placeholder({ shape: [null, 2] });
    const w = constant([1, 2]);
    const first = constant([3, 4]);
    const { carry } = scan(([h], [row]) => ({ carry: [mul(h as Tensor, add(row as Tensor, w))] }), {
      initial: [first],
      sequences: [x],
    });
    const found = gradients(sum(carry[0] as Tensor), [x, w, first]);
    expect(
      session.runSync(found, { feeds: [[x, new Float32Array(0)]] }).map((value) => value.array()),
    ).to.deep.equal([[], [0, 0], [1, 1]]);
  });

  it('flow through loops in loops and branches in loops', () => {
    checkGradients(
      (x) => {
        const outer = scan(
          ([h], [row]) => {
            const inner = scan(([g]) => ({ carry: [mul(add(g as Tensor, row as Tensor), x)] }), {
              initial: [h as Tensor],
              length: 2,
            });
            const next = cond(
              constant(true),
              () => sum(inner.carry[0] as Tensor),
              () => sum(x),
            );
            return { carry: [mul(add(x, next), 0.3)] };
          },
          { initial: [x], sequences: [x] },
        );
        return sum(outer.carry[0] as Tensor);
      },
      [0.4, -0.2],
    );
  });

  it('can be taken inside a body', () => {
    checkGradients(
      (x) => {
        const { carry } = scan(
          ([h]) => {
            const [slope] = gradients(sum(mul(mul(h as Tensor, h as Tensor), x)), [
              h as Tensor,
            ]) as [Tensor];
            return { carry: [sub(h as Tensor, mul(slope, 0.1))] };
          },
          { initial: [x], length: 3 },
        );
        return sum(carry[0] as Tensor);
      },
      [0.4, -0.2],
    );
  });

  it('of a recomputed function are those of the function, twice', () => {
    checkGradients(
      (x) => {
        const k = sum(x);
        return sum(recompute((a: Tensor, b: Tensor) => mul(exp(a), mul(b, k)))(x, mul(x, x)));
      },
      [0.4, -0.2],
    );
  });

  it('of a recomputed function compute it again in a region that is merged with nothing', () => {
    const x = placeholder({ shape: [2] });
    const [dx] = gradients(sum(recompute((a: Tensor) => exp(exp(a)))(x)), [x]) as [Tensor];
    const y = recompute((a: Tensor) => exp(exp(a)))(x);
    const text = session.explain([y, dx], { feeds: [[x, [1, 2]]] }).toString();
    expect(text.match(/= call\(/g)).to.have.length(2);
  });

  it('are the ones that the user gives, with the tensors that they use', () => {
    const x = placeholder({ shape: [2] });
    const scale = sum(x);
    const clipped = customGradient(
      (a: Tensor) => mul(a, scale),
      ({ inputs: [a], ys: [y], dys: [dy] }) => [
        mul(mul(dy as Tensor, 100), add(a as Tensor, mul(y as Tensor, scale))),
      ],
    );
    const y = clipped(x);
    const [dx] = gradients(y, [x]) as [Tensor];
    const [ddx] = gradients(dx, [x]) as [Tensor];
    expect([values(y, [[x, [1, 2]]]), values(dx, [[x, [1, 2]]])]).to.deep.equal([
      [3, 6],
      [1000, 2000],
    ]);
    expect(values(ddx, [[x, [1, 2]]])).to.be.an('array');
  });

  it('stop at stopGradient', () => {
    const x = placeholder({ shape: [2] });
    const [dx] = gradients(mul(stopGradient(x), x), [x]) as [Tensor];
    expect(values(dx, [[x, [3, 4]]])).to.deep.equal([3, 4]);
  });

  it('refuse a whileLoop and name what to use', () => {
    const x = constant(1);
    const [y] = whileLoop(
      (_v) =>
        cond(
          constant(false),
          () => true,
          () => false,
        ),
      (v) => [mul(v as Tensor, 2)],
      [x],
    );
    expect(() => gradients(y as Tensor, [x]))
      .to.throw(/use scan/)
      .with.property('code', 'NOT_DIFFERENTIABLE');
  });

  it('refuse a dy of another shape and a y that is no float', () => {
    const x = placeholder({ shape: [2] });
    expect(codeOf(() => gradients(mul(x, x), [x], { gradYs: [[1, 2, 3]] }))).to.equal(
      'SHAPE_MISMATCH',
    );
    expect(codeOf(() => gradients(constant([1], { dtype: 'int32' }), [x]))).to.equal(
      'NOT_DIFFERENTIABLE',
    );
  });
});

describe('the gradient of an expansion', () => {
  const product: Op<readonly ['a', 'b']> = defineOp({
    name: 'product',
    inputs: ['a', 'b'],
    infer: ({ a }) => ({ dtype: a.dtype, shape: a.shape }),
    grad: 'expand',
    expand: ({ a, b }) => mul(mul(a, a), b),
  });

  it('counts an input once for each place that it takes', () => {
    for (const shape of [[1], [null]]) {
      const x = placeholder({ shape });
      const [dx] = gradients(product(x, x), [x]) as [Tensor];
      expect(values(dx, [[x, [2]]])).to.deep.equal([12]);
    }
  });

  it('does not follow one input into another', () => {
    for (const shape of [[1], [null]]) {
      const x = placeholder({ shape });
      const [dx] = gradients(product(x, mul(x, x)), [x]) as [Tensor];
      expect(values(dx, [[x, [2]]])).to.deep.equal([32]);
    }
  });

  it('is differentiable again', () => {
    checkGradients((x) => sum(product(x, exp(x))), [0.5, -0.3], [null]);
  });
});

describe('matMul in a scan', () => {
  it('has gradients for captured weights and an unknown batch', () => {
    const w = placeholder({ shape: [2, 2] });
    const x = placeholder({ shape: [null, null, 2] });
    const zero = mul(sum(x, { axis: 0 }), 0);
    const { carry } = scan(
      ([h], [row]) => ({ carry: [add(matMul(h as Tensor, w), row as Tensor)] }),
      { initial: [zero], sequences: [x] },
    );
    const [dw] = gradients(sum(carry[0] as Tensor), [w]) as [Tensor];
    // h = x0 W + x1, so dW = x0^T 1
    expect(
      values(dw, [
        [
          w,
          [
            [1, 0],
            [0, 1],
          ] as never,
        ],
        [x, [[[1, 2]], [[5, 6]]] as never],
      ]),
    ).to.deep.equal([
      [1, 1],
      [2, 2],
    ]);
  });
});
