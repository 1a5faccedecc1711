import type { AttentionGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type FunctionBuilder, type Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, i32x4, v128 } from '../encoder/simd.js';

/** What stands in place of a score that a query does not see. */
export const hidden = f32x4.const(-1e9);

/** Scores of one key and four queries, in the lanes of a vector. */
export interface Lanes {
  readonly key: Local;
  /** Which four of a panel of eight queries: 0 or 1. */
  readonly half: number;
}

/** What queries see, told for panels of eight queries. */
export class Masking {
  private readonly f: FunctionBuilder;
  private readonly geometry: AttentionGeometry;
  private readonly mask: Local | undefined;
  private readonly base: Local;
  /** The places of eight queries. */
  private readonly queries: readonly Local[];
  /** Addresses in the mask of their rows: one where all have the same. */
  private readonly rows: readonly Local[];

  constructor({ f }: KernelFunction, geometry: AttentionGeometry, mask: Local | undefined) {
    this.f = f;
    this.geometry = geometry;
    this.mask = mask;
    this.base = f.i32();
    this.queries = geometry.causal ? [f.v128(), f.v128()] : [];
    const count = !mask ? 0 : this.perQuery === 0 ? 1 : 8;
    this.rows = Array.from({ length: count }, () => f.i32());
  }

  /** Whether there is a mask: of what it hides nothing is known. */
  get given(): boolean {
    return this.mask !== undefined;
  }

  private get bytes(): number {
    return this.geometry.mask?.added ? 4 : 1;
  }

  private get perQuery(): number {
    return this.bytes * (this.geometry.mask?.strides.at(-2) ?? 0);
  }

  private get perKey(): number {
    return this.bytes * (this.geometry.mask?.strides.at(-1) ?? 0);
  }

  /** Chooses a matrix of the batch. */
  select(image: Local): Code {
    const { batch, mask } = this.geometry;
    if (!this.mask || !mask) return [];
    let inner = 1;
    let address = this.mask.get;
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      const [size, stride] = [batch[axis] as number, this.bytes * (mask.strides[axis] as number)];
      const at = i32.remU(i32.divU(image.get, i32.const(inner)), i32.const(size));
      if (stride > 0) address = i32.add(address, i32.mul(at, i32.const(stride)));
      inner *= size;
    }
    return this.base.set(address);
  }

  /** Chooses the eight queries from one on: those behind the last count as the last. */
  panel(first: Local): Code {
    const last = i32.const(this.geometry.queries - 1);
    const query = this.f.i32();
    const rows = this.rows.map((row, i) =>
      seq(
        query.set(i32.add(first.get, i32.const(i))),
        query.set(choose(i32.ltS(query.get, last), query.get, last)),
        row.set(i32.add(this.base.get, i32.mul(query.get, i32.const(this.perQuery)))),
      ),
    );
    const queries = this.queries.map((lanes, half) =>
      lanes.set(i32x4.add(i32x4.splat(first.get), lane([0, 1, 2, 3].map((i) => i + 4 * half)))),
    );
    return seq(...rows, ...queries);
  }

  /** What is added to scores, or null. */
  added({ key, half }: Lanes): Code | null {
    if (!this.geometry.mask?.added) return null;
    const [row] = this.rows as [Local];
    const at = (r: Local) => i32.add(r.get, i32.mul(key.get, i32.const(this.perKey)));
    if (this.rows.length === 1) return v128.load32Splat(at(row));
    const [first, ...others] = this.rows.slice(4 * half, 4 * half + 4) as [Local, ...Local[]];
    return others.reduce(
      (all, r, i) => v128.load32Lane(i + 1, at(r), all),
      v128.load32Zero(at(first)),
    );
  }

  /** All bits of the lanes that are hidden, or null where none are; `causal` false: where the future needs no thought. */
  hides(lanes: Lanes, causal: boolean): Code | null {
    const future = causal && this.geometry.causal ? this.future(lanes) : null;
    const masked = this.masked(lanes);
    return future && masked ? v128.or(future, masked) : (future ?? masked);
  }

  private future({ key, half }: Lanes): Code {
    return i32x4.gtS(i32x4.splat(key.get), (this.queries[half] as Local).get);
  }

  private masked({ key, half }: Lanes): Code | null {
    if (!this.mask || this.geometry.mask?.added) return null;
    const at = (row: Local) =>
      i32.load8u(i32.add(row.get, i32.mul(key.get, i32.const(this.perKey))));
    const rows = this.rows.length === 1 ? this.rows : this.rows.slice(4 * half, 4 * half + 4);
    const [first, ...others] = rows as [Local, ...Local[]];
    const seen = others.reduce(
      (all, row, i) => i32x4.replaceLane(i + 1, all, at(row)),
      i32x4.splat(at(first)),
    );
    return i32x4.eq(seen, i32x4.const(0));
  }
}

const lane = (values: readonly number[]): Code =>
  v128.const([...new Uint8Array(Int32Array.from(values).buffer)]);
