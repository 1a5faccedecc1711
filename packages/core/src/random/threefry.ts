const parity = 0x1bd11bda;

/** Left rotations of the eight rounds that repeat. */
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const rounds = 20;

/**
 * Threefry-2x32 with 20 rounds: a bijection of 64-bit counters for every 64-bit key, made of additions, rotations and
 * exclusive ors, so that the same key and counter give the same random bits on every device.
 * The result of a block stays in `word0` and `word1`, as signed integers, so that a block allocates nothing.
 *
 * Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export class Threefry {
  word0 = 0;
  word1 = 0;
  private readonly key = new Int32Array(3);

  setKey(k0: number, k1: number): void {
    this.key[0] = k0;
    this.key[1] = k1;
    this.key[2] = parity ^ k0 ^ k1;
  }

  /** word0, word1 = the counter (c0, c1) under the key. */
  block(c0: number, c1: number): void {
    const { key } = this;
    let x0 = (c0 + (key[0] as number)) | 0;
    let x1 = (c1 + (key[1] as number)) | 0;
    for (let round = 0; round < rounds; round++) {
      const shift = rotations[round & 7] as number;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << shift) | (x1 >>> (32 - shift))) ^ x0;
      if ((round & 3) === 3) {
        // A part of the key is mixed in after every fourth round, with the count of such mixings.
        const mixing = (round + 1) >> 2;
        x0 = (x0 + (key[mixing % 3] as number)) | 0;
        x1 = (x1 + (key[(mixing + 1) % 3] as number) + mixing) | 0;
      }
    }
    this.word0 = x0;
    this.word1 = x1;
  }
}
