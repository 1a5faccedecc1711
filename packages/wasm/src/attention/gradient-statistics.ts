import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { f32, i32 } from '../encoder/scalar.js';
import { f32x4, v128 } from '../encoder/simd.js';
import { halves } from './online-softmax.js';
import { panelBytes } from './sizes.js';

/** What the gradient needs to know of each query. */
const kinds = ['most', 'inverse', 'delta'] as const;
type Kind = (typeof kinds)[number];

interface Range {
  readonly query: Local;
  readonly queryEnd: Local;
  readonly queryRows: Local;
}

interface Sources {
  readonly most: Local;
  readonly total: Local;
  readonly delta: Local;
}

/** Largest scores, 1 / sums of exponentials and deltas of the queries of a tile, side by side for each panel. */
export class GradientStatistics {
  private readonly k: KernelFunction;
  private readonly panels: number;
  private readonly base: Local;
  private readonly blind: Local;
  private readonly lanes: Readonly<Record<Kind, readonly Local[]>>;

  constructor(k: KernelFunction, panels: number) {
    const { f } = k;
    this.k = k;
    this.panels = panels;
    [this.base, this.blind] = [f.i32(), f.i32()];
    const vectors = () => halves.map(() => f.v128());
    this.lanes = { most: vectors(), inverse: vectors(), delta: vectors() };
  }

  scratch(): Code {
    return this.base.set(this.k.own(kinds.length * this.panels * panelBytes));
  }

  /** Reads those of the queries of a tile. */
  gather({ query, queryEnd, queryRows }: Range, { most, total, delta }: Sources): Code {
    const { f } = this.k;
    const [from, to, largest] = [f.i32(), f.i32(), f.local('f32')];
    const read = (source: Local) => f32.load(i32.add(source.get, from.get));
    const put = (kind: Kind, value: Code) => f32.store(to.get, value, this.offset(kind));
    const perQuery = seq(
      largest.set(read(most)),
      this.blind.set(i32.or(this.blind.get, f32.le(largest.get, f32.const(-1e9)))),
      put('most', largest.get),
      put('inverse', f32.div(f32.const(1), read(total))),
      put('delta', read(delta)),
      from.increase(4),
      to.increase(4),
    );
    return seq(
      this.blind.set(i32.const(0)),
      from.set(i32.shl(i32.add(queryRows.get, query.get), i32.const(2))),
      to.set(this.base.get),
      f.for({ from: query.get, to: queryEnd.get }, () => perQuery),
    );
  }

  /** Runs code where a query of the tile has seen nothing. */
  whereBlind(code: Code): Code {
    return when(this.blind.get, code);
  }

  /** Takes those of a panel of the tile into registers. */
  select(index: Local): Code {
    const place = this.k.f.i32();
    const loads = kinds.flatMap((kind) =>
      halves.map((half) =>
        (this.lanes[kind][half] as Local).set(v128.load(place.get, this.offset(kind) + 16 * half)),
      ),
    );
    const at = i32.add(this.base.get, i32.mul(index.get, i32.const(panelBytes)));
    return seq(place.set(at), ...loads);
  }

  /** What is left of a score when the largest is taken away. */
  shifted(score: Code, half: number): Code {
    return f32x4.sub(score, (this.lanes.most[half] as Local).get);
  }

  /** The weight of an exponential of a shifted score. */
  weight(exponential: Code, half: number): Code {
    return f32x4.mul(exponential, (this.lanes.inverse[half] as Local).get);
  }

  /** What flows into a score but for its weight, from what flows into the weight. */
  centred(flow: Code, half: number): Code {
    return f32x4.sub(flow, (this.lanes.delta[half] as Local).get);
  }

  private offset(kind: Kind): number {
    return kinds.indexOf(kind) * this.panels * panelBytes;
  }
}
