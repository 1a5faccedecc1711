import {
  add,
  type DType,
  eye,
  type KnownShape,
  matMul,
  mul,
  randomNormal,
  reshape,
  rsqrt,
  scan,
  sizeOf,
  square,
  sub,
  sum,
  type Tensor,
  transpose,
  zeros,
} from '@tenon/core';
import { z } from 'zod';
import { defineInitializer, seed, seeded } from './define-initializer.js';

const config = z.strictObject({
  /** Length of the rows (of the columns, where they are fewer). */
  gain: z.number().default(1),
  seed,
});

/**
 * Rows made orthogonal to each other and of length 1, from the first to the last (Gram and Schmidt).
 * Shapes: x [n, m] -> [n, m], n <= m.
 */
function orthonormal(x: Tensor, [n, m]: readonly [number, number]): Tensor {
  const { carry } = scan(
    ([done], [row, place]) => {
      // done [n, m] holds the rows so far and zeros. Twice, since what rounding leaves of them is not small after the first time.
      const once = withoutRows(reshape(row as Tensor, { shape: [1, m] }), done as Tensor);
      const rest = withoutRows(once, done as Tensor);
      const unit = mul(rest, rsqrt(sum(square(rest))));
      return {
        carry: [add(done as Tensor, mul(reshape(place as Tensor, { shape: [n, 1] }), unit))],
      };
    },
    {
      initial: [zeros({ shape: [n, m], dtype: x.dtype })],
      sequences: [x, eye({ rows: n, dtype: x.dtype })],
    },
  );
  return carry[0] as Tensor;
}

const withoutRows = (x: Tensor, rows: Tensor): Tensor =>
  sub(x, matMul(matMul(x, rows, { transposeB: true }), rows));

function start(given: z.output<typeof config>, shape: KnownShape, dtype: DType): Tensor {
  const [rows, columns] = [sizeOf(shape.slice(0, -1)), shape.at(-1) ?? 1];
  const sizes = [Math.min(rows, columns), Math.max(rows, columns)] as const;
  const random = randomNormal({ shape: [...sizes], dtype, ...seeded(given.seed) });
  const q = orthonormal(random, sizes);
  return mul(reshape(rows > columns ? transpose(q) : q, { shape: [...shape] }), given.gain);
}

/**
 * Columns (rows, where they are fewer) that are orthogonal to each other, so that repeated products neither grow nor vanish.
 * Source: Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks".
 */
export const orthogonal = defineInitializer('Orthogonal', config, start);
