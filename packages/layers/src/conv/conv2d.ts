import {
  add,
  conv2d as convolution,
  reshape,
  type Shape,
  type Tensor,
  type Variable,
} from '@tenon/core';
import { z } from 'zod';
import { activation, activationSchema } from '../activations/index.js';
import { dataFormat, padding as paddings, perAxis } from '../config.js';
import { factory } from '../factory.js';
import { initializerSchema } from '../initializers/index.js';
import { Layer, layerConfig } from '../layer.js';
import { checkRank, sizeAt } from '../shape.js';
import { checkGroups } from './groups.js';

const conv2DConfig = layerConfig.extend({
  /** Number of output channels. */
  filters: z.int().min(1),
  kernelSize: perAxis(2),
  strides: perAxis(2).default([1, 1]),
  padding: paddings.default('valid'),
  dilationRate: perAxis(2).default([1, 1]),
  /** The channels are cut into this many groups that do not see each other. */
  groups: z.int().min(1).default(1),
  dataFormat: dataFormat.default('channelsLast'),
  activation: activationSchema.default('linear'),
  useBias: z.boolean().default(true),
  kernelInitializer: initializerSchema.default('glorotUniform'),
  biasInitializer: initializerSchema.default('zeros'),
});

/**
 * Convolution of images, `y = activation(x * kernel + bias)`, kernel [rows, columns, in / groups, filters].
 * Shapes: x [batch, height, width, in] -> [batch, rows, columns, filters]; channels after the batch for channelsFirst.
 * Errors: SHAPE_MISMATCH, SHAPE_UNKNOWN for unknown channels.
 */
export class Conv2D extends Layer<typeof conv2DConfig> {
  static override readonly config = conv2DConfig;
  static override readonly className = 'Conv2D';
  private kernel!: Variable;
  private bias: Variable | undefined;

  private get channelsFirst(): boolean {
    return this.config.dataFormat === 'channelsFirst';
  }

  protected override build(shape: Shape): void {
    const { filters, kernelSize, groups, useBias, kernelInitializer, biasInitializer } =
      this.config;
    checkRank(
      { shape, dtype: this.config.dtype },
      { rank: 4, axes: 'batch, height, width, channels', where: this.className },
    );
    const channels = sizeAt(shape, this.channelsFirst ? 1 : -1, this.className);
    checkGroups(this.className, { channels, filters, groups });
    const kernelShape = [...kernelSize, channels / groups, filters];
    this.kernel = this.weight('kernel', kernelShape, { initializer: kernelInitializer });
    if (useBias) this.bias = this.weight('bias', [filters], { initializer: biasInitializer });
  }

  protected override call(x: Tensor): Tensor {
    const { strides, padding, dilationRate: dilations, groups } = this.config;
    const layout = this.channelsFirst ? 'NCHW' : 'NHWC';
    const y = convolution(x, this.kernel, {
      strides,
      padding,
      dilations,
      groups,
      dataFormat: layout,
    });
    return activation(this.config.activation)(this.bias ? add(y, this.biasOf(this.bias)) : y);
  }

  private biasOf(bias: Variable): Tensor {
    return this.channelsFirst ? reshape(bias, { shape: [this.config.filters, 1, 1] }) : bias;
  }
}

/** A convolution layer for images. */
export const conv2d = factory(Conv2D);
