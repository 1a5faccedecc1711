import {
  add,
  cond,
  customGradient,
  exp,
  type Graph,
  gradients,
  greater,
  less,
  mul,
  placeholder,
  recompute,
  scan,
  stopGradient,
  sum,
  type Tensor,
  tanh,
  whileLoop,
} from '@tenon/core';

/** Every op that holds functions, one inside the other, with gradients. */
export function controlGraph(): Graph {
  const x = placeholder({ shape: [null, 3], name: 'x' });
  const { carry } = scan(
    ([h], [row]) => {
      const [state, input] = [h as Tensor, row as Tensor];
      const next = cond(
        greater(sum(state), 0),
        () => add(state, input),
        () => recompute((a: Tensor) => exp(tanh(a)))(mul(input, 2)),
      );
      return { carry: [next] };
    },
    { initial: [[0.5, -1, 2]], sequences: [x] },
  );
  const y = customGradient(
    (a: Tensor) => mul(a, 3),
    ({ dys: [dy] }) => [mul(dy as Tensor, stopGradient(sum(x)))],
  )(carry[0] as Tensor);
  const [grown] = whileLoop(
    (a) => less(sum(a), 100),
    (a) => [add(a, 10)],
    [stopGradient(y)],
  );
  return {
    fetches: { outputs: [y, grown as Tensor], gradients: gradients(y, [x]) },
    inputs: { x },
  };
}
