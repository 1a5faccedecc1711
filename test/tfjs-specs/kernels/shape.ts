import * as tn from '@tenon/core';
import {
  type BatchToSpaceNDAttrs,
  type BroadCastToAttrs,
  backend_util,
  type ConcatAttrs,
  type DepthToSpaceAttrs,
  type ExpandDimsAttrs,
  type MirrorPadAttrs,
  type PackAttrs,
  type PadV2Attrs,
  type ReshapeAttrs,
  type ReverseAttrs,
  type SliceAttrs,
  type SpaceToBatchNDAttrs,
  type SplitVAttrs,
  type StridedSliceAttrs,
  slice_util,
  type TileAttrs,
  type TransposeAttrs,
  type UnpackAttrs,
} from '@tensorflow/tfjs-core';
import type { KernelTable } from '../kernel.js';

type Pairs = [number, number][];

/** tfjs helpers take tfjs tensors, of which they read the shape only. */
const shapeOf = (x: tn.Tensor): never => ({ shape: x.shape, rank: x.rank }) as never;

/** Rank r with ones in front. */
const withRank = (shape: tn.Tensor, rank: number): tn.Tensor =>
  tn.concat([tn.constant(new Int32Array(rank - (shape.shape[0] as number)).fill(1)), shape], {
    axis: 0,
  });

export const shapes = {
  BatchToSpaceND: ({ x }, { blockShape, crops }: BatchToSpaceNDAttrs) =>
    tn.batchToSpaceND(x, { blockShape, crops: crops as Pairs }),
  BroadcastArgs({ s0, s1 }, _attrs: object, { values }) {
    backend_util.assertAndGetBroadcastShape(
      [...values.s0.data] as number[],
      [...values.s1.data] as number[],
    );
    const rank = Math.max(s0.shape[0] as number, s1.shape[0] as number);
    const [a, b] = [withRank(s0, rank), withRank(s1, rank)];
    return tn.where(tn.equal(a, 1), b, a);
  },
  BroadcastTo: ({ x }, { shape }: BroadCastToAttrs) => tn.broadcastTo(x, { shape }),
  Concat: ({ list }, { axis }: ConcatAttrs) => tn.concat(list, { axis }),
  DepthToSpace: ({ x }, { blockSize, dataFormat }: DepthToSpaceAttrs) =>
    tn.depthToSpace(x, { blockSize, dataFormat }),
  ExpandDims: ({ input }, { dim }: ExpandDimsAttrs) => tn.expandDims(input, { axis: dim }),
  MirrorPad: ({ x }, { paddings, mode }: MirrorPadAttrs) => tn.mirrorPad(x, { paddings, mode }),
  Pack: ({ list }, { axis }: PackAttrs) => tn.stack(list, { axis }),
  PadV2: ({ x }, { paddings, constantValue }: PadV2Attrs) =>
    tn.pad(x, { paddings, value: constantValue }),
  Reshape: ({ x }, { shape }: ReshapeAttrs) => tn.reshape(x, { shape }),
  Reverse: ({ x }, { dims }: ReverseAttrs) => tn.reverse(x, { axis: dims }),
  Slice({ x }, attrs: SliceAttrs) {
    const [begin, size] = slice_util.parseSliceParams(shapeOf(x), attrs.begin, attrs.size);
    return tn.slice(x, { begin: begin as number[], size: size as number[] });
  },
  SpaceToBatchND: ({ x }, { blockShape, paddings }: SpaceToBatchNDAttrs) =>
    tn.spaceToBatchND(x, { blockShape, paddings: paddings as Pairs }),
  SplitV({ x }, attrs: SplitVAttrs) {
    const axis = tn.axisOf(attrs.axis, x.rank, 'SplitV');
    const sizes = backend_util.prepareSplitSize(shapeOf(x), attrs.numOrSizeSplits, axis);
    return tn.split(x, { sizes, axis });
  },
  StridedSlice: ({ x }, attrs: StridedSliceAttrs) => tn.stridedSlice(x, attrs),
  Tile: ({ x }, { reps }: TileAttrs) => tn.tile(x, { reps }),
  Transpose: ({ x }, { perm }: TransposeAttrs) => tn.transpose(x, { perm }),
  Unpack: ({ value }, { axis }: UnpackAttrs) => tn.unstack(value, { axis }),
} satisfies KernelTable;
