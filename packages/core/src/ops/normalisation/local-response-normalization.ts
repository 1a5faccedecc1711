import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { constant } from '../../graph/constant.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { pow } from '../arithmetic/pow.js';
import { square } from '../arithmetic/square.js';
import { cast } from '../casting/cast.js';
import { floatLike } from '../elementwise.js';
import { matMul } from '../linear/mat-mul.js';

const attrs = z.strictObject({
  /** Channels on either side that count. */
  depthRadius: z.int().min(0).default(5),
  bias: z.number().default(1),
  alpha: z.number().default(1),
  beta: z.number().default(0.5),
});

/** [c, c], 1 where two channels are at most `radius` apart. */
const band = (channels: number, radius: number): number[][] =>
  Array.from({ length: channels }, (_, i) =>
    Array.from({ length: channels }, (_, j) => (Math.abs(i - j) <= radius ? 1 : 0)),
  );

/**
 * Division by the strength of neighbouring channels, `y_c = x_c / (bias + alpha sum_{|k - c| <= radius} x_k^2)^beta`.
 * Shapes: x [..., c] of at least two axes -> x. Errors: SHAPE_MISMATCH.
 * Source: Krizhevsky, Sutskever and Hinton 2012, "ImageNet classification with deep convolutional neural networks".
 */
export const localResponseNormalization: Op<readonly ['x'], typeof attrs> =
  /* @__PURE__ */ defineOp({
    name: 'localResponseNormalization',
    inputs: ['x'],
    attrs,
    infer({ x }) {
      if (x.rank < 2) {
        throw new GraphError('SHAPE_MISMATCH', 'localResponseNormalization', {
          what: 'x must have at least 2 axes.',
          given: { x },
        });
      }
      return floatLike(x);
    },
    grad: 'expand',
    expand({ x: given }, { depthRadius, bias, alpha, beta }) {
      const { dtype } = floatLike(given);
      const x = cast(given, { dtype });
      const channels = x.shape.at(-1) as number;
      const neighbours = constant(band(channels, depthRadius), {
        dtype,
        shape: [channels, channels],
      });
      return mul(x, pow(add(mul(matMul(square(x), neighbours), alpha), bias), -beta));
    },
  });
