let drawn = 0;

/**
 * The two words that tell one source of random numbers from another. A seed given by the user, from
 * 0 to 2^53, gives the same words each time; without one they are counted up, so that sources
 * differ and a program that is built in the same order draws the same.
 * Words that were counted never equal words of a seed.
 */
export function seedWords(seed: number | undefined): [number, number] {
  if (seed === undefined) return [drawn++ >>> 0, 1];
  return [seed >>> 0, (Math.floor(seed / 2 ** 32) & 0x1fffff) << 1];
}
