import type { DType } from '../../../graph/dtype.js';
import { call, literal, select } from '../../../lower/kernel-builder.js';
import type { Expression } from '../../../lower/loop-ir.js';
import type { Distribution } from './distributions.js';
import { apply, openUnit, standardNormal } from './units.js';

const tries = 6;
const wordsOfTry = 3;

/**
 * One proposal: its value `d v`, and whether it is accepted, `log u < z^2 / 2 + d - d v + d log v`,
 * with `v = (1 + z / sqrt(9 d))^3`.
 * Where that is not positive, the smallest root stands for it: it is never accepted.
 */
function proposal(
  bits: readonly Expression[],
  d: number,
  dtype: DType,
): { value: Expression; accepted: Expression } {
  const z = standardNormal(bits.slice(0, 2), dtype);
  const root = apply('max', apply('add', apply('mul', z, 1 / Math.sqrt(9 * d)), 1), 1e-10);
  const logV = apply('mul', call('log', root), 3);
  const v = call('exp', logV);
  const exponent = apply('add', call('sub', logV, v), 1);
  const bound = call('add', apply('mul', call('mul', z, z), 0.5), apply('mul', exponent, d));
  const accepted = call('less', call('log', openUnit(bits.slice(2), dtype)), bound);
  return { value: apply('mul', v, d), accepted };
}

/**
 * Gamma with density proportional to `x^(alpha - 1) e^(-beta x)`: a proposal is accepted with
 * probability of at least 0.95, so that the six that are drawn all fail less than once in 10^7;
 * then the last is taken. Below alpha = 1 a number for alpha + 1 is multiplied by u^(1 / alpha).
 * Source: G. Marsaglia, W. Tsang, "A simple method for generating gamma variables", 2000.
 */
export const gamma: Distribution = {
  words: [tries * wordsOfTry + 1, tries * wordsOfTry + 1],
  value(bits, _dtype, parameters) {
    const [alpha, beta] = parameters as [number, number];
    const d = (alpha < 1 ? alpha + 1 : alpha) - 1 / 3;
    const dtype = 'float32';
    let chosen = literal(d, dtype);
    for (let i = tries - 1; i >= 0; i--) {
      const { value, accepted } = proposal(
        bits.slice(i * wordsOfTry, (i + 1) * wordsOfTry),
        d,
        dtype,
      );
      chosen = i === tries - 1 ? value : select(accepted, value, chosen);
    }
    const scaled = apply('mul', chosen, 1 / beta);
    if (alpha >= 1) return scaled;
    return call('mul', scaled, apply('pow', openUnit(bits.slice(-1), dtype), 1 / alpha));
  },
};
