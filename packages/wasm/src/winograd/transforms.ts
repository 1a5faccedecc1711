import { type Code, seq } from '../encoder/code.js';
import type { FunctionBuilder } from '../encoder/function.js';
import { f32x4 } from '../encoder/simd.js';

const { add, sub } = f32x4;
const half = (a: Code): Code => f32x4.mul(a, f32x4.const(0.5));

/** A linear map of a few vectors. */
type Transform = (...values: readonly Code[]) => readonly Code[];
type Three = (a: Code, b: Code, c: Code) => readonly Code[];
type Four = (a: Code, b: Code, c: Code, d: Code) => readonly Code[];

const input: Four = (a, b, c, d) => [sub(a, c), add(b, c), sub(c, b), sub(d, b)];
const inputGradient: Four = (a, b, c, d) => [a, sub(sub(b, c), d), sub(add(b, c), a), d];
const filter: Three = (a, b, c) => [a, half(add(add(a, c), b)), half(sub(add(a, c), b)), c];
const output: Four = (a, b, c, d) => [add(add(a, b), c), add(sub(b, c), d)];
const gradient = (a: Code, b: Code): readonly Code[] => [a, add(a, b), sub(a, b), b];
const filterGradient: Four = (a, b, c, d) => {
  const mean = half(add(b, c));
  return [add(a, mean), half(sub(b, c)), add(mean, d)];
};

/**
 * The maps of F(2, 3), each applied along both axes: y = output(filter(g) * input(d)), where * multiplies position by position.
 * The last position has another sign than is usual in `input` and `output`, which spares a negation in `gradient`, the adjoint of
 * `output`; `inputGradient` and `filterGradient` are those of `input` and `filter`.
 * Source: Lavin and Gray 2016, "Fast algorithms for convolutional neural networks".
 */
export const transforms = { input, inputGradient, filter, filterGradient, output, gradient };

interface Square {
  readonly by: Transform;
  /** Sizes before and after. */
  readonly from: number;
  readonly to: number;
  /** A vector, which may be loaded again and again. */
  readonly load: (row: number, column: number) => Code;
  readonly put: (row: number, column: number, value: Code) => Code;
}

/** Code that transforms a square of vectors along both axes, for each column of the result: few registers are then enough. */
export function transformColumns(f: FunctionBuilder, square: Square): Code[] {
  const { by, from, to, load, put } = square;
  const lines = Array.from({ length: from }, () => f.v128());
  const numbers = Array.from({ length: from }, (_, i) => i);
  return Array.from({ length: to }, (_, column) => {
    const across = lines.map((line, row) =>
      line.set(by(...numbers.map((j) => load(row, j)))[column] as Code),
    );
    const down = by(...lines.map((line) => line.get));
    return seq(...across, ...down.map((value, row) => put(row, column, value)));
  });
}
