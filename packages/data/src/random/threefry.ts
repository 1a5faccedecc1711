const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
const parity = 0x1bd11bda;

/**
 * Threefry-2x32 with 20 rounds: two 32-bit words that depend on nothing but a key and a counter.
 * Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */
export function threefry2x32(
  key: readonly [number, number],
  counter: readonly [number, number],
): [number, number] {
  const [k0, k1] = key;
  const schedule = [k0, k1, parity ^ k0 ^ k1] as const;
  let x0 = (counter[0] + k0) | 0;
  let x1 = (counter[1] + k1) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = rotations[round % 8] as number;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    if (round % 4 !== 3) continue;
    const injection = (round + 1) / 4;
    x0 = (x0 + (schedule[injection % 3] as number)) | 0;
    x1 = (x1 + (schedule[(injection + 1) % 3] as number) + injection) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}
