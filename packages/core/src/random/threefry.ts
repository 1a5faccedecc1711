const parity = 0x1bd11bda;

/** The rounds come in groups of four, of two kinds in turn, each followed by a mixing in of the key. */
const groups = 5;

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
    let k0 = this.key[0] as number;
    let k1 = this.key[1] as number;
    let k2 = this.key[2] as number;
    let x0 = (c0 + k0) | 0;
    let x1 = (c1 + k1) | 0;
    for (let group = 1; group <= groups; group++) {
      const odd = (group & 1) === 1;
      x0 = (x0 + x1) | 0;
      x1 = rotated(x1, odd ? 13 : 17) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = rotated(x1, odd ? 15 : 29) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = rotated(x1, odd ? 26 : 16) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = rotated(x1, odd ? 6 : 24) ^ x0;
      x0 = (x0 + k1) | 0;
      x1 = (x1 + k2 + group) | 0;
      const first = k0;
      k0 = k1;
      k1 = k2;
      k2 = first;
    }
    this.word0 = x0;
    this.word1 = x1;
  }
}

const rotated = (x: number, left: number): number => (x << left) | (x >>> (32 - left));
