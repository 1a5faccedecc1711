import {
  add,
  cast,
  cond,
  constant,
  dropout,
  exp,
  gradients,
  matMul,
  mul,
  placeholder,
  randomNormal,
  recompute,
  reshape,
  Session,
  scan,
  sigmoid,
  slice,
  split,
  sum,
  type Tensor,
  tanh,
  transpose,
} from '@tenon/core';
import { expect } from 'chai';
import { structure } from './loop-structure.js';

const noise = (shape: readonly number[], seed: number) => randomNormal({ shape: [...shape], seed });

interface Cell {
  readonly rows: Tensor;
  readonly kernel: Tensor;
  readonly recurrent: Tensor;
  readonly bias: Tensor;
  readonly head: Tensor;
}

const cell = (time = 5, units = 3, features = 2): Cell => ({
  rows: noise([time, 4, features], 1),
  kernel: noise([features, 4 * units], 2),
  recurrent: noise([units, 4 * units], 3),
  bias: noise([4 * units], 4),
  head: noise([units, 2], 5),
});

type Turn = (sums: Tensor, c: Tensor) => readonly [h: Tensor, c: Tensor];

const longShortTerm: Turn = (sums, c) => {
  const [i, f, g, o] = split(sums, { sizes: 4, axis: -1 }) as [Tensor, Tensor, Tensor, Tensor];
  const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
  return [mul(sigmoid(o), tanh(next)), next];
};

/** A net that does everything in its body, also what needs no state. */
function run(
  { rows, kernel, recurrent, bias, head }: Cell,
  turn: Turn = longShortTerm,
  reverse = false,
) {
  const zero = mul(
    matMul(rows, noise([rows.shape.at(-1) as number, recurrent.shape[0] as number], 9)),
    0,
  );
  const start = sum(zero, { axis: 0 });
  const { carry, outputs } = scan(
    ([h, c], [row]) => {
      const sums = add(add(matMul(row as Tensor, kernel), matMul(h as Tensor, recurrent)), bias);
      const [next, memory] = turn(sums, c as Tensor);
      return { carry: [next, memory], outputs: [matMul(next, head)] };
    },
    { initial: [start, start], sequences: [rows], reverse },
  );
  return { last: carry[0] as Tensor, scores: outputs[0] as Tensor };
}

describe('loops', () => {
  it('keep one product and the elementwise work of a turn, forwards and backwards', () => {
    const net = cell();
    const { last } = run(net);
    const found = gradients(sum(mul(last, last)), [net.kernel, net.recurrent, net.bias]);
    const { loops, around } = structure(found);
    expect(loops).to.deep.equal([
      // h and c before each turn, and what the gradient needs of the gates
      { matMul: 1, sigmoid: 3, tanh: 2, stacks: 7 },
      { matMul: 1, stacks: 1 },
    ]);
    // The start, the kernel's product and its gradient, and that of the recurrent weights.
    expect(around.matMul).to.equal(4);
  });

  it('stack nothing for a prediction', () => {
    const { loops } = structure([run(cell()).last]);
    expect(loops).to.deep.equal([{ matMul: 1, sigmoid: 3, tanh: 2, stacks: 0 }]);
  });

  it('leave to one product after them what is only handed out', () => {
    const { loops, around } = structure([run(cell()).scores]);
    expect(loops).to.deep.equal([{ matMul: 1, sigmoid: 3, tanh: 2, stacks: 1 }]);
    expect(around.matMul).to.equal(3);
  });

  it('compute once what is the same at every turn, but draw at every turn', () => {
    const w = noise([3, 3], 1);
    const { carry } = scan(
      ([h]) => ({
        carry: [add(matMul(h as Tensor, exp(transpose(w))), exp(noise([3, 3], 2)))],
      }),
      { initial: [noise([3, 3], 3)], length: 4 },
    );
    const { loops, around } = structure(carry);
    expect(loops[0]).to.include({ matMul: 1, exp: 1, stacks: 0 });
    expect(loops[0]?.randomBits).to.be.greaterThan(0);
    expect(around.exp).to.equal(1);
  });

  it('keep nothing of a recomputed body', () => {
    const net = cell();
    const again = recompute(longShortTerm as never) as unknown as Turn;
    const { last } = run(net, again);
    const [plain, kept] = [run(net), { last }].map(
      ({ last: end }) => structure(gradients(sum(end), [net.recurrent])).loops[0]?.stacks,
    );
    expect([plain, kept]).to.deep.equal([7, 3]);
  });
});

const scalar = (x: Tensor) => sum(mul(x, x));

/** Fetches that loops of every kind are part of. */
const programs: Record<string, () => readonly Tensor[]> = {
  'a net, forwards and backwards, and its second derivative': () =>
    [false, true].flatMap((reverse) => {
      const net = cell();
      const { last, scores } = run(net, longShortTerm, reverse);
      const first = gradients(add(scalar(last), scalar(scores)), [
        net.rows,
        net.kernel,
        net.recurrent,
        net.bias,
        net.head,
      ]);
      return [
        last,
        scores,
        ...first,
        ...gradients(scalar(first[2] as Tensor), [net.rows, net.recurrent, net.bias]),
      ];
    }),
  'one turn': () => {
    const net = cell(1);
    const { last, scores } = run(net);
    return [last, scores, ...gradients(scalar(last), [net.kernel, net.recurrent, net.bias])];
  },
  'dropout in the body': () => {
    const net = cell();
    const { last } = run(net, (sums, c) => {
      const [h, next] = longShortTerm(sums, c);
      return [dropout(h, { rate: 0.5, seed: 7 }), next];
    });
    return [last, ...gradients(scalar(last), [net.kernel, net.recurrent, net.rows])];
  },
  'a recomputed turn': () => {
    const net = cell();
    const { last } = run(net, recompute(longShortTerm as never) as unknown as Turn);
    return [last, ...gradients(scalar(last), [net.kernel, net.recurrent, net.rows])];
  },
  'loops and branches in loops': () => {
    const [w, v] = [noise([3, 3], 1), noise([3, 3], 2)];
    const rows = noise([3, 2, 3], 3);
    const { carry, outputs } = scan(
      ([h], [row]) => {
        const inner = scan(
          ([g]) => ({
            carry: [tanh(add(matMul(g as Tensor, w), matMul(row as Tensor, v)))],
            outputs: [matMul(g as Tensor, v)],
          }),
          { initial: [h as Tensor], length: 2 },
        );
        const next = cond(
          constant(true),
          () => matMul(inner.carry[0] as Tensor, w),
          () => row as Tensor,
        );
        return { carry: [tanh(next)], outputs: [sum(inner.outputs[0] as Tensor, { axis: 0 })] };
      },
      { initial: [noise([2, 3], 4)], sequences: [rows] },
    );
    const end = add(scalar(carry[0] as Tensor), scalar(outputs[0] as Tensor));
    const first = gradients(end, [w, v, rows]);
    return [end, ...first, ...gradients(scalar(first[0] as Tensor), [v, rows])];
  },
  'products of what is made of rows alone': () => {
    const [rows, w, v, u] = [
      noise([5, 2, 6], 1),
      noise([3, 4], 2),
      noise([4], 3),
      noise([2, 3], 5),
    ];
    const { carry, outputs } = scan(
      ([h], [row]) => {
        const square = transpose(reshape(mul(row as Tensor, 2), { shape: [3, 4] }));
        const cut = slice(square, { begin: [1, 0], size: [2, 3] });
        const made = add(matMul(cast(tanh(cut), { dtype: 'float32' }), w), v); // [2, 4]
        const around = mul(made, matMul(u, square, { transposeB: true }));
        return {
          carry: [tanh(add(h as Tensor, around))],
          outputs: [matMul(made, square)],
        };
      },
      { initial: [noise([2, 4], 4)], sequences: [rows] },
    );
    const end = add(scalar(carry[0] as Tensor), scalar(outputs[0] as Tensor));
    return [...carry, ...outputs, ...gradients(end, [rows, w, v, u])];
  },
  'sums of products and of rows': () => {
    const [a, b] = [noise([4, 2, 3], 1), noise([4, 2, 5], 2)];
    const { carry } = scan(
      ([total, turned, rows, noisy], [x, y]) => ({
        carry: [
          add(matMul(x as Tensor, y as Tensor, { transposeA: true }), total as Tensor),
          add(turned as Tensor, matMul(y as Tensor, x as Tensor, { transposeA: true })),
          add(rows as Tensor, sum(exp(x as Tensor), { axis: 0 })),
          add(add(noisy as Tensor, noise([5], 8)), sum(y as Tensor, { axis: 0 })),
        ],
      }),
      {
        initial: [noise([3, 5], 3), mul(noise([5, 3], 4), 1), noise([3], 5), noise([5], 6)],
        sequences: [a, b],
      },
    );
    return carry;
  },
};

describe('passes over loops', () => {
  for (const [name, build] of Object.entries(programs)) {
    it(`change results by no more than sums in another order do: ${name}`, () => {
      const fetches = build();
      const [plain, optimised] = [false, true].map((optimise) =>
        new Session({ optimise, seed: 3 }).runSync([...fetches]),
      ) as unknown as [{ data: Float32Array }[], { data: Float32Array }[]];
      plain.forEach((expected, i) => {
        const found = optimised[i]?.data as Float32Array;
        const scale = Math.max(1, ...Array.from(expected.data, Math.abs));
        expected.data.forEach(
          (value, j) => void expect(found[j]).to.be.closeTo(value, 2e-5 * scale),
        );
      });
    });
  }

  it('keep what a loop of no turns gives', () => {
    const rows = placeholder({ shape: [null, 1, 3] });
    const w = constant([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    const start = constant([[1, 2, 3]]);
    const { carry, outputs } = scan(
      ([h], [row]) => {
        const next = tanh(add(matMul(h as Tensor, w), matMul(row as Tensor, w)));
        return { carry: [next], outputs: [matMul(next, w)] };
      },
      { initial: [start], sequences: [rows] },
    );
    const end = carry[0] as Tensor;
    const fetches = [end, outputs[0] as Tensor, ...gradients(sum(end), [w, start])];
    const found = new Session().runSync(fetches, { feeds: [[rows, new Float32Array(0)]] });
    expect(found.map((value) => value.array())).to.deep.equal([
      [[1, 2, 3]],
      [],
      Array.from({ length: 3 }, () => [0, 0, 0]),
      [[1, 1, 1]],
    ]);
  });
});
