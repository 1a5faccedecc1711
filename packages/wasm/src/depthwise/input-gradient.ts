import type { ConvGeometry } from '@tenon/core';
import { adjointOf } from '../conv/adjoint.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { Finish } from '../window/finish.js';
import { spreadWindows } from '../window/spread.js';
import { depthwiseForward } from './forward.js';

interface DepthwiseGradient {
  readonly geometry: ConvGeometry;
  readonly dy: Local;
  readonly filter: Local;
  readonly dx: Local;
  readonly finish?: Finish | undefined;
}

/**
 * dx of a convolution of each channel by itself with one output, float32: without strides it is a convolution of dy with the
 * mirrored filter, else windows of dx get their shares of dy.
 */
export function depthwiseInput(k: KernelFunction, given: DepthwiseGradient): Code {
  const { geometry, dy, filter, dx, finish } = given;
  if (geometry.strides.every((stride) => stride === 1)) {
    const adjoint = adjointOf(geometry);
    return depthwiseForward(k, { geometry: adjoint, x: dy, filter, y: dx, mirrored: true, finish });
  }
  const { f } = k;
  const { inChannels: channels } = geometry;
  const pool = { ...geometry, channels };
  const spread = { dtype: 'float32', geometry: pool, x: dx, dx, dy, finish } as const;
  return spreadWindows(k, spread, (window, give) => {
    const { lanes, y, channel } = window;
    const [whole, weight] = [f.local(lanes.type), f.i32()];
    const taps = window.forTaps((address, offset, tap) =>
      seq(
        weight.set(i32.mul(tap, i32.const(channels * 4))),
        weight.set(i32.add(i32.add(filter.get, channel.get), weight.get)),
        give(address, offset, lanes.mul(whole.get, lanes.load(weight.get))),
      ),
    );
    return seq(whole.set(lanes.load(y.get)), taps);
  });
}
