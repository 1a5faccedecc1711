/** Numbers that follow from a seed. */
export interface Random {
  readonly seed: number;
  /** In [0, 1). */
  next(): number;
}

/** Seed of every drawn input; set TENON_SEED to try others. */
// Browsers have no process.
const { process: host } = globalThis as { process?: { env: Record<string, string | undefined> } };
export const baseSeed = Number(host?.env.TENON_SEED ?? 1);

/** A generator for one purpose, so that adding a row changes no other row's inputs. */
export function seededRandom(purpose: string, seed = baseSeed): Random {
  let state = seed | 0;
  for (const char of purpose) state = Math.imul(state ^ char.charCodeAt(0), 0x01000193);
  return {
    seed,
    // A linear congruence, its high bits mixed into the low ones.
    next() {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
      return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
    },
  };
}
