import type { DType } from '../graph/dtype.js';

/** Sizes of a convolution or pooling window; always three spatial axes, leading ones of size 1 where there are fewer. */
export interface WindowGeometry {
  readonly batch: number;
  readonly inSize: readonly [number, number, number];
  readonly outSize: readonly [number, number, number];
  readonly window: readonly [number, number, number];
  readonly strides: readonly [number, number, number];
  readonly dilations: readonly [number, number, number];
  /** Rows of padding in front of each spatial axis. */
  readonly padBefore: readonly [number, number, number];
}

/** Channels are last everywhere: x [batch, ...inSize, inChannels], filter [...window, inChannels / groups, outChannels]. */
export interface ConvGeometry extends WindowGeometry {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
}

export interface PoolGeometry extends WindowGeometry {
  readonly channels: number;
}

/** A tensor seen as [outer, size, inner], worked on along the middle axis. */
export interface AxisView {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

/** Sizes of q [...batch, queries, size], k [...batch, keys, size], v [...batch, keys, values]. */
export interface AttentionGeometry {
  readonly batch: readonly number[];
  readonly queries: number;
  readonly keys: number;
  readonly size: number;
  readonly values: number;
  /** Factor of the scores. */
  readonly scale: number;
  /** Keys behind the query's own place are hidden. */
  readonly causal: boolean;
  /** `added`: floats that are added to the scores; otherwise bool, false hides. Strides, in elements, along [...batch, queries, keys]. */
  readonly mask: { readonly added: boolean; readonly strides: readonly number[] } | null;
}

/** Kernels that are written by hand for each device, because loops over an affine index do not say them or not fast enough. */
export type Template = { readonly dtype: DType } & (
  | {
      /** c[batch, m, n] = a b; a [batch, m, k] or its transpose, b [batch, k, n] or its transpose. `batched` false: one matrix for all. */
      readonly kind: 'gemm';
      readonly batch: number;
      readonly m: number;
      readonly k: number;
      readonly n: number;
      readonly transposeA: boolean;
      readonly transposeB: boolean;
      readonly batchedA: boolean;
      readonly batchedB: boolean;
    }
  /** inputs x, filter */
  | { readonly kind: 'conv'; readonly geometry: ConvGeometry }
  /** inputs dy, filter -> dx */
  | { readonly kind: 'convInputGradient'; readonly geometry: ConvGeometry }
  /** inputs x, dy -> dFilter */
  | { readonly kind: 'convFilterGradient'; readonly geometry: ConvGeometry }
  /** input x -> y; average counts only positions inside x unless `countPadding`. */
  | {
      readonly kind: 'pool';
      readonly mode: 'max' | 'average';
      readonly countPadding: boolean;
      readonly geometry: PoolGeometry;
    }
  /** input dy -> dx */
  | {
      readonly kind: 'averagePoolGradient';
      readonly countPadding: boolean;
      readonly geometry: PoolGeometry;
    }
  /** inputs x, dy -> dx: each dy goes to the first position that holds the maximum of its window. */
  | { readonly kind: 'maxPoolGradient'; readonly geometry: PoolGeometry }
  /** inputs x, v -> y: v at the position of the maximum of x in each window. */
  | { readonly kind: 'maxPoolSelect'; readonly geometry: PoolGeometry }
  /** input x -> int32 flat index of the maximum of each window within [...inSize, channels]; with the batch if `includeBatch`. */
  | {
      readonly kind: 'maxPoolIndex';
      readonly includeBatch: boolean;
      readonly geometry: PoolGeometry;
    }
  /** inputs x [outer, size, inner], indices [count] -> [outer, count, inner]; an index outside 0..size-1 is an error. */
  | {
      readonly kind: 'gather';
      readonly view: AxisView;
      readonly count: number;
      readonly where: string;
    }
  /**
   * input indices -> the same; one that is not in 0..size - 1 is an error that names it, except on the side that is open.
   * Indices in tuples take the sizes in turn.
   */
  | {
      readonly kind: 'inRange';
      readonly shape: readonly number[];
      readonly sizes: readonly number[];
      readonly tuples: boolean;
      readonly open: 'none' | 'below' | 'beyond';
      readonly where: string;
    }
  /** inputs base [rows, inner], indices [count], updates [count, inner] -> base with rows combined in order. */
  | {
      readonly kind: 'scatter';
      readonly mode: 'add' | 'set' | 'max' | 'min' | 'prod';
      readonly rows: number;
      readonly inner: number;
      readonly count: number;
      readonly where: string;
    }
  /** input x -> values, int32 indices; stable, NaN counts as the largest. */
  | { readonly kind: 'sort'; readonly view: AxisView; readonly descending: boolean }
  | {
      readonly kind: 'cumulative';
      readonly combine: 'sum' | 'prod' | 'max' | 'min';
      readonly view: AxisView;
      readonly exclusive: boolean;
      readonly reverse: boolean;
    }
  /** input x -> int32 index of the first extreme element; NaN counts as extreme. */
  | { readonly kind: 'argReduce'; readonly mode: 'max' | 'min'; readonly view: AxisView }
  /**
   * inputs q, k, v, mask -> y, the largest score of each query, its sum of e^(score - largest). Scores that are hidden are -1e9, so
   * that a query which sees nothing gets the mean.
   */
  | { readonly kind: 'attention'; readonly geometry: AttentionGeometry }
  /** inputs q, k, v, most, total, delta, flow (into y), mask -> dq, dk, dv, from weights w = e^(score - most) / total, dScores = w (flow v^T - delta). */
  | { readonly kind: 'attentionGradient'; readonly geometry: AttentionGeometry }
  /** Threefry-2x32 bits as int32, key (seed of the run, seed of the op), counter (step, element). */
  | {
      readonly kind: 'randomBits';
      readonly seed: readonly [number, number];
      /** Number of the first element; even. */
      readonly first: number;
      readonly count: number;
    }
);

export type TemplateKind = Template['kind'];
export type TemplateOf<K extends TemplateKind> = Extract<Template, { kind: K }>;
