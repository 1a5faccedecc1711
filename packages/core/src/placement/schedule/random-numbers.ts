import { Threefry } from '../../random/threefry.js';

/** Numbers that a seed decides. */
export class RandomNumbers {
  private readonly generator = new Threefry();
  private count = 0;

  constructor(seed: number) {
    this.generator.setKey(seed | 0, 0);
  }

  /** From 0 up to 1, without 1. */
  next(): number {
    this.generator.block(this.count++, 0);
    return (this.generator.word0 >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to one less than `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
}
