import {
  add,
  concat,
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
  slice,
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

// So many rows are made orthogonal one by one; the blocks before them are taken out by products of matrices, which are faster.
const blockRows = 16;

/**
 * Rows made orthogonal to each other and of length 1, from the first to the last (Gram and Schmidt).
 * Shapes: x [n, m] -> [n, m], n <= m.
 */
function orthonormal(x: Tensor, [n, m]: readonly [number, number]): Tensor {
  const blocks: Tensor[] = [];
  for (let begin = 0; begin < n; begin += blockRows) {
    const rows = Math.min(blockRows, n - begin);
    const block = slice(x, { begin: [begin, 0], size: [rows, m] });
    const passes = passesFor(begin + rows, m);
    const apart = begin === 0 ? block : withoutRows(block, concat(blocks, { axis: 0 }), passes);
    blocks.push(oneByOne(apart, [rows, m], passes));
  }
  return concat(blocks, { axis: 0 });
}

/**
 * How often rows are taken out. What is left of a random row that loses most of its length has lost as many digits, so
 * rounding leaves too much of the others in it the first time; one that keeps half of its square has not.
 */
const passesFor = (rows: number, m: number): 1 | 2 => (m - rows >= Math.max(m / 2, 64) ? 1 : 2);

/** Shapes: x [n, m] -> [n, m]. */
function oneByOne(x: Tensor, [n, m]: readonly [number, number], passes: 1 | 2): Tensor {
  const { carry } = scan(
    ([done], [row, place]) => {
      const apart = withoutRows(reshape(row as Tensor, { shape: [1, m] }), done as Tensor, passes);
      const unit = mul(apart, rsqrt(sum(square(apart))));
      const column = reshape(place as Tensor, { shape: [n, 1] });
      return { carry: [add(done as Tensor, mul(column, unit))] };
    },
    {
      // [n, m], the rows so far and zeros
      initial: [zeros({ shape: [n, m], dtype: x.dtype })],
      sequences: [x, eye({ rows: n, dtype: x.dtype })],
    },
  );
  return carry[0] as Tensor;
}

/** What x has in no direction of the rows. */
function withoutRows(x: Tensor, rows: Tensor, passes: 1 | 2): Tensor {
  const once = (y: Tensor) => sub(y, matMul(matMul(y, rows, { transposeB: true }), rows));
  return passes === 1 ? once(x) : once(once(x));
}

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
