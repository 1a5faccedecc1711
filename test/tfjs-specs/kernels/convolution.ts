import * as tn from '@tenon/core';
import type { Inputs, KernelTable } from '../kernel.js';
import { type Epilogue, withEpilogue } from './linear.js';
import { type SlideAttrs, slideOf } from './window.js';

type Conv = (x: tn.Tensor, filter: tn.Tensor, attrs: ReturnType<typeof slideOf>) => tn.Tensor;

const forward =
  (op: Conv) =>
  ({ x, filter }: Inputs, attrs: SlideAttrs) =>
    op(x, filter, slideOf(attrs));

const fused =
  (op: Conv) =>
  (inputs: Inputs, attrs: SlideAttrs & Epilogue): tn.Tensor =>
    withEpilogue(op(inputs.x, inputs.filter, slideOf(attrs)), attrs, inputs);

const like = (shape: readonly number[]): tn.Tensor => tn.zeros({ shape: [...shape] });

/** What flows into x; its shape is all that counts. */
const toInput =
  (op: Conv) =>
  ({ dy, filter }: Inputs, { inputShape, ...attrs }: SlideAttrs & { inputShape: number[] }) => {
    const x = like(inputShape);
    return tn.gradients(op(x, filter, slideOf(attrs)), [x], { gradYs: [dy] })[0];
  };

const toFilter =
  (op: Conv) =>
  ({ x, dy }: Inputs, { filterShape, ...attrs }: SlideAttrs & { filterShape: number[] }) => {
    const filter = like(filterShape);
    return tn.gradients(op(x, filter, slideOf(attrs)), [filter], { gradYs: [dy] })[0];
  };

function dilated({ x, filter }: Inputs, { strides, pad, dilations }: SlideAttrs): tn.Tensor {
  const { dimRoundingMode: _, ...slide } = slideOf({ strides, pad, dilations: dilations ?? null });
  return tn.dilation2d(x, filter, slide);
}

export const convolutions = {
  Conv2D: forward(tn.conv2d),
  Conv2DBackpropFilter: toFilter(tn.conv2d),
  Conv2DBackpropInput: toInput(tn.conv2d),
  Conv3D: forward(tn.conv3d),
  Conv3DBackpropFilterV2: toFilter(tn.conv3d),
  Conv3DBackpropInputV2: toInput(tn.conv3d),
  DepthwiseConv2dNative: forward(tn.depthwiseConv2d),
  DepthwiseConv2dNativeBackpropFilter: toFilter(tn.depthwiseConv2d),
  DepthwiseConv2dNativeBackpropInput: toInput(tn.depthwiseConv2d),
  FusedConv2D: fused(tn.conv2d),
  FusedDepthwiseConv2D: fused(tn.depthwiseConv2d),

  Dilation2D: dilated,
  Dilation2DBackpropFilter: (inputs, attrs: SlideAttrs) =>
    tn.gradients(dilated(inputs, attrs), [inputs.filter], { gradYs: [inputs.dy] })[0],
  Dilation2DBackpropInput: (inputs, attrs: SlideAttrs) =>
    tn.gradients(dilated(inputs, attrs), [inputs.x], { gradYs: [inputs.dy] })[0],
} satisfies KernelTable;
