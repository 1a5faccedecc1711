import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, v128 } from '../encoder/simd.js';
import { exponential } from './exponential.js';
import { hidden, type Masking } from './masking.js';
import { panelBytes } from './sizes.js';

/** The two vectors of a panel of queries. */
export const halves = [0, 1] as const;
const halfBytes = 16;

// Of the softmax of a panel: the largest scores, and the sums of exponentials.
const mostAt = 0;
const totalAt = panelBytes;
const panelSoftmaxBytes = 2 * panelBytes;

/** Below every score, and finite, so that what it is taken from is. */
const lowest = f32x4.const(-3e38);

/** Scores [to - from, 8] of keys for a panel of queries. */
interface Scores {
  readonly scores: Local;
  readonly from: Local;
  readonly to: Local;
  /** The first query. */
  readonly first: Local;
}

/**
 * The softmax of scores that come block by block: `total` is the sum of `e^(score - most)` over those that came so far, and what
 * was summed before a higher score came decays by `e^(most before - most)`.
 */
export class OnlineSoftmax {
  private readonly k: KernelFunction;
  private readonly masking: Masking;
  private readonly causal: boolean;
  private readonly base: Local;
  private readonly place: Local;
  private readonly peaks: readonly Local[];
  private readonly decays: readonly Local[];
  private readonly sums: readonly Local[];
  private readonly values: readonly Local[];

  constructor(k: KernelFunction, masking: Masking, causal: boolean) {
    const { f } = k;
    this.k = k;
    this.masking = masking;
    this.causal = causal;
    this.base = f.i32();
    this.place = f.i32();
    this.peaks = halves.map(() => f.v128());
    this.decays = halves.map(() => f.v128());
    this.sums = halves.map(() => f.v128());
    this.values = halves.map(() => f.v128());
  }

  /** Room for some panels. */
  scratch(panels: number): Code {
    return this.base.set(this.k.own(panels * panelSoftmaxBytes));
  }

  clear(panels: number): Code {
    const { f } = this.k;
    return f.for({ to: i32.const(panels * panelSoftmaxBytes), step: panelSoftmaxBytes }, (at) => {
      const place = i32.add(this.base.get, at.get);
      const fill = (offset: number, value: Code) =>
        halves.map((half) => v128.store(place, value, offset + halfBytes * half));
      return seq(...fill(mostAt, lowest), ...fill(totalAt, f32x4.const(0)));
    });
  }

  /** Chooses a panel by its place in the room. */
  select(index: Local): Code {
    return this.place.set(i32.add(this.base.get, i32.mul(index.get, i32.const(panelSoftmaxBytes))));
  }

  most(half: number): Code {
    return v128.load(this.place.get, mostAt + halfBytes * half);
  }

  total(half: number): Code {
    return v128.load(this.place.get, totalAt + halfBytes * half);
  }

  /** The factor of what was summed before the last block. */
  decay(half: number): Code {
    return (this.decays[half] as Local).get;
  }

  /** Scores become exponentials, and the softmax that of these scores too. */
  update(block: Scores): Code {
    const { masking, causal } = this;
    const plain = this.pass(block, (half) => this.raisePeak(half));
    const covered = this.pass(block, (half, key, at) =>
      seq(this.cover(half, key, causal), this.store(half, at), this.raisePeak(half)),
    );
    const future = i32.gtS(block.to.get, block.first.get);
    const byPlace = causal ? when(future, covered, plain) : plain;
    return seq(
      ...halves.map((half) => (this.peaks[half] as Local).set(this.most(half))),
      masking.given ? covered : byPlace,
      ...halves.map((half) => this.decayBefore(half)),
      this.pass(block, (half, _, at) => seq(this.raise(half), this.store(half, at))),
      ...halves.map((half) => this.keep(half)),
    );
  }

  /** Runs code where a query of the first panels has seen nothing. */
  whereBlind(panels: Code, code: Code): Code {
    const { f } = this.k;
    const [index, blind] = [f.i32(), f.v128()];
    const each = halves.map((half) =>
      blind.set(v128.or(blind.get, f32x4.le(this.most(half), hidden))),
    );
    return seq(
      blind.set(f32x4.const(0)),
      f.for({ to: panels }, (panel) => seq(index.set(panel.get), this.select(index), ...each)),
      when(v128.anyTrue(blind.get), code),
    );
  }

  /** Over all scores, in both halves of the panel: the value in `values` is the score. */
  private pass(
    { scores, from, to }: Scores,
    body: (half: number, key: Local, at: Local) => Code,
  ): Code {
    const { f } = this.k;
    const [at, key] = [f.i32(), f.i32()];
    const turn = seq(
      ...halves.map((half) =>
        (this.values[half] as Local).set(v128.load(at.get, halfBytes * half)),
      ),
      ...halves.map((half) => body(half, key, at)),
      at.increase(panelBytes),
      key.increase(1),
    );
    return seq(at.set(scores.get), key.set(from.get), f.while(i32.ltS(key.get, to.get), turn));
  }

  private store(half: number, at: Local): Code {
    return v128.store(at.get, (this.values[half] as Local).get, halfBytes * half);
  }

  private cover(half: number, key: Local, future: boolean): Code {
    const value = this.values[half] as Local;
    const lanes = { key, half };
    const [added, hides] = [this.masking.added(lanes), this.masking.hides(lanes, future)];
    return seq(
      added ? value.set(f32x4.add(value.get, added)) : [],
      hides ? value.set(v128.bitselect(hidden, value.get, hides)) : [],
    );
  }

  private raisePeak(half: number): Code {
    const peak = this.peaks[half] as Local;
    return peak.set(f32x4.pmax((this.values[half] as Local).get, peak.get));
  }

  private decayBefore(half: number): Code {
    const [peak, decay] = [this.peaks[half] as Local, this.decays[half] as Local];
    return seq(
      decay.set(f32x4.sub(this.most(half), peak.get)),
      exponential(this.k, decay),
      (this.sums[half] as Local).set(f32x4.mul(this.total(half), decay.get)),
    );
  }

  private raise(half: number): Code {
    const [value, sum] = [this.values[half] as Local, this.sums[half] as Local];
    return seq(
      value.set(f32x4.sub(value.get, (this.peaks[half] as Local).get)),
      exponential(this.k, value),
      sum.set(f32x4.add(sum.get, value.get)),
    );
  }

  private keep(half: number): Code {
    const store = (local: Local, offset: number) =>
      v128.store(this.place.get, local.get, offset + halfBytes * half);
    return seq(store(this.peaks[half] as Local, mostAt), store(this.sums[half] as Local, totalAt));
  }
}
