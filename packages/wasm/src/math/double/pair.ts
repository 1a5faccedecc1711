import type { Code } from '../../encoder/code.js';
import { f64 } from '../../encoder/scalar.js';
import type { Formula } from '../formula.js';

/** A number of twice the precision: the sum of a double and one below half a unit of its last place. */
export interface Pair {
  readonly high: Code;
  readonly low: Code;
}

/** a + b without error. Source: Knuth, "The Art of Computer Programming" 2, 4.2.2. */
export function exactSum(y: Formula, a: Code, b: Code): Pair {
  const high = y.double(f64.add(a, b));
  const part = y.double(f64.sub(high, a));
  const low = f64.add(f64.sub(a, f64.sub(high, part)), f64.sub(b, part));
  return { high, low: y.double(low) };
}

/** a + b without error for |a| >= |b|. */
export function exactSumOrdered(y: Formula, a: Code, b: Code): Pair {
  const high = y.double(f64.add(a, b));
  return { high, low: y.double(f64.sub(b, f64.sub(high, a))) };
}

/** a as two numbers of at most 26 bits. Source: Dekker, "A floating-point technique", Numerische Mathematik 18, 1971. */
function halves(y: Formula, a: Code): Pair {
  const scaled = y.double(f64.mul(a, f64.const(2 ** 27 + 1)));
  const high = y.double(f64.sub(scaled, f64.sub(scaled, a)));
  return { high, low: y.double(f64.sub(a, high)) };
}

/** a b without error, unless it leaves the range. */
export function exactProduct(y: Formula, a: Code, b: Code): Pair {
  const high = y.double(f64.mul(a, b));
  const [p, q] = [halves(y, a), halves(y, b)];
  const first = f64.sub(f64.mul(p.high, q.high), high);
  const cross = f64.add(f64.add(first, f64.mul(p.high, q.low)), f64.mul(p.low, q.high));
  return { high, low: y.double(f64.add(cross, f64.mul(p.low, q.low))) };
}

export function multiplyPairs(y: Formula, a: Pair, b: Pair): Pair {
  const { high, low } = exactProduct(y, a.high, b.high);
  const cross = f64.add(f64.mul(a.high, b.low), f64.mul(a.low, b.high));
  return { high, low: y.double(f64.add(low, cross)) };
}
