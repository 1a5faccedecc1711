import {
  abs,
  add,
  broadcastTo,
  cast,
  concat,
  cond,
  constant,
  cumsum,
  exp,
  gather,
  gradients,
  greater,
  matMul,
  max,
  mean,
  mul,
  neg,
  placeholder,
  randomUniform,
  recompute,
  reshape,
  scan,
  slice,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  variable,
  where,
  withDevice,
} from '@tenon/core';
import fc from 'fast-check';

/** One step of building a graph, as numbers: which rule, on which tensors so far, on which device. */
export interface Step {
  readonly rule: number;
  readonly a: number;
  readonly b: number;
  readonly number: number;
  readonly device: number;
}

/** A graph of small float32 tensors. */
export interface RandomGraph {
  readonly feeds: readonly (readonly [Tensor, Float32Array])[];
  readonly tensors: readonly Tensor[];
}

type Rule = (a: Tensor, b: Tensor, number: number) => Tensor | null;

const last = (x: Tensor): number => x.shape.at(-1) as number;
const rows = (x: Tensor): number => x.shape[0] as number;
const fits = (a: Tensor, b: Tensor): boolean => a.shape.join() === b.shape.join();

// tanh keeps repeated products away from infinity, where every rule would give the same.
const rules: readonly Rule[] = [
  (a, b) => (fits(a, b) || b.rank === 0 ? add(a, b) : null),
  (a, b) => (fits(a, b) || b.rank === 0 ? mul(a, tanh(b)) : null),
  (a, b) => (fits(a, b) ? sub(a, b) : null),
  (a) => neg(a),
  (a) => exp(tanh(a)),
  (a) => mul(a, 1),
  (a) => add(a, -0),
  (_, __, number) => constant([number, -number, 0.5]),
  (a, b) => (a.rank === 2 && b.rank === 2 && last(a) === rows(b) ? tanh(matMul(a, b)) : null),
  (a, b) =>
    a.rank === 2 && b.rank === 2 && last(a) === last(b)
      ? tanh(matMul(a, b, { transposeB: true }))
      : null,
  (a, _, number) => (a.rank > 0 ? sum(a, { axis: number % a.rank }) : null),
  (a, _, number) => (a.rank > 0 ? mean(a, { axis: number % a.rank, keepDims: true }) : null),
  (a) => max(a),
  (a) => transpose(a),
  (a) => reshape(a, { shape: [-1] }),
  (a, _, number) =>
    a.size < 64 ? broadcastTo(a, { shape: [1 + (number % 3), ...(a.shape as number[])] }) : null,
  (a, _, number) =>
    a.rank > 0 ? gather(a, constant([number % rows(a), 0], { dtype: 'int32' }), { axis: 0 }) : null,
  (a, b) => (fits(a, b) ? where(greater(a, b), a, mul(b, 0.5)) : null),
  (a) =>
    a.rank > 0 ? slice(a, { begin: a.shape.map(() => 0), size: a.shape.map(() => 1) }) : null,
  (a, b) => (a.rank > 0 && a.size + b.size < 64 && fits(a, b) ? concat([a, b], { axis: 0 }) : null),
  (a) => (a.rank > 0 ? cumsum(a, { axis: 0 }) : null),
  (a) => cast(cast(a, { dtype: 'int32' }), { dtype: 'float32' }),
  (a, _, number) => add(a, randomUniform({ shape: a.shape as number[], seed: number })),
  (a, b) =>
    fits(a, b)
      ? cond(
          greater(sum(a), 0),
          () => add(a, abs(b)),
          () => sub(a, mul(b, 2)),
        )
      : null,
  (a, b) =>
    fits(a, b)
      ? cond(
          greater(max(b), 1),
          () => [neg(a), a],
          () => [b, exp(tanh(b))],
        )[0]
      : null,
  (a, b, number) => (a.rank > 0 && rows(a) > 0 ? scanned(a, b, number) : null),
  (a, b) => (fits(a, b) ? recompute((x: Tensor, y: Tensor) => mul(tanh(x), y))(a, b) : null),
  (a, b) => slope(mul(tanh(a), sum(tanh(b))), a),
  (a, b) => slope(recompute((x: Tensor) => mul(exp(tanh(x)), sum(b)))(a), a),
  (a, b, number) => (a.rank > 0 && rows(a) > 0 ? slope(scanned(a, b, number), b) : null),
];

const slope = (y: Tensor, x: Tensor): Tensor => tanh(gradients(y, [x])[0] as Tensor);

/** A loop over the rows of a, with state, a captured b, an output that is used and one that is not, and noise. */
function scanned(a: Tensor, b: Tensor, number: number): Tensor {
  const start = mul(
    reshape(
      slice(a, { begin: a.shape.map(() => 0), size: [1, ...(a.shape.slice(1) as number[])] }),
      { shape: a.shape.slice(1) as number[] },
    ),
    0,
  );
  const { carry, outputs } = scan(
    ([h, unused], [row]) => {
      const noise = randomUniform({ shape: a.shape.slice(1) as number[], seed: number });
      const next = tanh(add(add(h as Tensor, row as Tensor), mul(noise, tanh(sum(b)))));
      return {
        carry: [next, add(unused as Tensor, 1)],
        outputs: [mul(next, row as Tensor), exp(next)],
      };
    },
    { initial: [start, 0], sequences: [a], reverse: number % 2 === 1 },
  );
  return number % 3 === 0 ? (carry[0] as Tensor) : (outputs[0] as Tensor);
}

/** Steps for `buildRandomGraph`; they shrink. */
export const randomSteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    rule: fc.nat({ max: rules.length - 1 }),
    a: fc.nat({ max: 30 }),
    b: fc.nat({ max: 30 }),
    number: fc.nat({ max: 7 }),
    device: fc.nat({ max: 3 }),
  }),
  { minLength: 1, maxLength: 14 },
);

/** The graph of the steps: rules that do not apply to the chosen tensors are left out. Device 0 leaves the choice open. */
export function buildRandomGraph(
  steps: readonly Step[],
  devices: readonly string[] = [],
): RandomGraph {
  const x = placeholder({ shape: [2, 3] });
  const tensors: Tensor[] = [
    x,
    constant([
      [1, -2, 0.5],
      [0.25, 3, -1],
    ]),
    constant([0.5, -0.5, 2]),
    constant(0.3),
    variable(
      [
        [0.1, 0.2],
        [-0.3, 0.4],
        [0.5, -0.6],
      ],
      { name: 'v' },
    ),
  ];
  for (const { rule, a, b, number, device } of steps) {
    const pick = (i: number) =>
      tensors[(tensors.length - 1 - (i % tensors.length)) % tensors.length] as Tensor;
    const apply = () => (rules[rule] as Rule)(pick(a), pick(b), number);
    const hint = device > 0 ? devices[(device - 1) % devices.length] : undefined;
    const made = hint === undefined ? apply() : withDevice(hint, apply);
    if (made && made.size <= 128) tensors.push(made);
  }
  return { feeds: [[x, Float32Array.of(0.5, -1, 2, 0, 1.5, -0.25)]], tensors };
}
