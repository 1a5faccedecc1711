import * as tn from '@tenon/core';
import type {
  CropAndResizeAttrs,
  NonMaxSuppressionV5Attrs,
  ResizeBilinearAttrs,
  RotateWithOffsetAttrs,
  TransformAttrs,
} from '@tensorflow/tfjs-core';
import type { Context, Inputs, KernelTable } from '../kernel.js';

type Resize = (x: tn.Tensor, attrs: ResizeBilinearAttrs) => tn.Tensor;

const resize =
  (op: Resize) =>
  ({ images }: Inputs, { size, alignCorners, halfPixelCenters }: ResizeBilinearAttrs) =>
    op(images, { size, alignCorners, halfPixelCenters });

const resizeGradient =
  (op: Resize) =>
  ({ images, dy }: Inputs, { alignCorners }: ResizeBilinearAttrs) => {
    const size = dy.shape.slice(1, 3) as [number, number];
    const resized = op(images, { size, alignCorners, halfPixelCenters: false });
    return tn.gradients(resized, [images], { gradYs: [dy] })[0];
  };

type NmsAttrs = Partial<NonMaxSuppressionV5Attrs> & { readonly maxOutputSize: number };

// Attributes are finite.
const finite = (x = -Number.MAX_VALUE): number => Math.max(x, -Number.MAX_VALUE);

const select = ({ boxes, scores }: Inputs, attrs: NmsAttrs): tn.SelectedBoxes =>
  tn.nonMaxSuppression(boxes, scores, {
    maxOutputSize: attrs.maxOutputSize,
    iouThreshold: attrs.iouThreshold ?? 0.5,
    scoreThreshold: finite(attrs.scoreThreshold),
    softNmsSigma: attrs.softNmsSigma ?? 0,
  });

/** The first elements, as many as were selected. */
const selected = (x: tn.Tensor, { validOutputs }: tn.SelectedBoxes, { read }: Context): tn.Tensor =>
  tn.slice(x, { begin: [0], size: [read(validOutputs).data[0] as number] });

export const images = {
  CropAndResize: ({ image, boxes, boxInd }, attrs: CropAndResizeAttrs) =>
    tn.cropAndResize(image, boxes, boxInd, attrs),
  FlipLeftRight: ({ image }) => tn.flipLeftRight(image),
  NonMaxSuppressionV3(inputs, attrs: NmsAttrs, context) {
    const boxes = select(inputs, attrs);
    return selected(boxes.selectedIndices, boxes, context);
  },
  NonMaxSuppressionV4(
    inputs,
    { padToMaxOutputSize, ...attrs }: NmsAttrs & { padToMaxOutputSize: boolean },
    context,
  ) {
    const boxes = select(inputs, attrs);
    const { selectedIndices, validOutputs } = boxes;
    return [
      padToMaxOutputSize ? selectedIndices : selected(selectedIndices, boxes, context),
      validOutputs,
    ];
  },
  NonMaxSuppressionV5(inputs, attrs: NmsAttrs, context) {
    const boxes = select(inputs, attrs);
    return [boxes.selectedIndices, boxes.selectedScores].map((x) => selected(x, boxes, context));
  },
  ResizeBilinear: resize(tn.resizeBilinear),
  ResizeBilinearGrad: resizeGradient(tn.resizeBilinear),
  ResizeNearestNeighbor: resize(tn.resizeNearestNeighbor),
  ResizeNearestNeighborGrad: resizeGradient(tn.resizeNearestNeighbor),
  RotateWithOffset: ({ image }, attrs: RotateWithOffsetAttrs) => tn.rotateWithOffset(image, attrs),
  Transform: ({ image, transforms }, { outputShape, ...attrs }: TransformAttrs) =>
    tn.transform(image, transforms, { ...attrs, ...(outputShape && { outputShape }) }),
} satisfies KernelTable;
