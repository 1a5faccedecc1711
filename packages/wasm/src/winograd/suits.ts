import type { ConvGeometry } from '@tenon/core';
import { adjointOf } from '../conv/adjoint.js';
import { type Planes, planesOf, productsOf, regionsOf } from './tiling.js';

const leastChannels = 16;

// Vectors that are multiplied and added in a cycle, and cycles of the transforms of one vector.
const perCycle = 2;
const efficiency = 0.85;
const cycles = { input: 28, output: 26, filter: 45 };

// What has to be gained: costs are only estimates.
const leastGain = 1.1;

const vectors = (multiplications: number): number => multiplications / 4;

/** About how many cycles a convolution by tiles takes. */
function tileCycles(planes: Planes): number {
  const { inChannels, outChannels } = planes;
  const regions = regionsOf(planes);
  const tiles = regions.reduce((sum, region) => sum + region.tiles, 0);
  const products = vectors(productsOf(regions) * inChannels * outChannels);
  const transforms =
    tiles * (vectors(inChannels) * cycles.input + vectors(outChannels) * cycles.output);
  const filter = vectors(inChannels * outChannels) * cycles.filter;
  return products / perCycle / efficiency + transforms + filter;
}

/** Whether tiles of 2 x 2 are faster than the products of all positions with nine taps. */
function gains(planes: Planes, positions: number): boolean {
  const { inChannels, outChannels } = planes;
  const whole = inChannels % 4 === 0 && outChannels % 4 === 0;
  if (!whole || Math.min(inChannels, outChannels) < leastChannels) return false;
  const products = vectors(positions * 9 * inChannels * outChannels);
  return products / perCycle / efficiency > leastGain * tileCycles(planes);
}

const positionsOf = ({ batch, outSize }: ConvGeometry): number =>
  outSize.reduce((all, size) => all * size, batch);

/** Whether a convolution is faster by tiles. */
export function suitsTiles(geometry: ConvGeometry): boolean {
  const planes = planesOf(geometry);
  return planes !== undefined && gains(planes, positionsOf(geometry));
}

/** The convolution that an input gradient is, if it is faster by tiles than what multiplies each position of dy only once. */
export function tiledAdjoint(geometry: ConvGeometry): ConvGeometry | undefined {
  if (!planesOf(geometry)) return undefined;
  const adjoint = adjointOf(geometry);
  const planes = planesOf(adjoint);
  return planes && gains(planes, positionsOf(geometry)) ? adjoint : undefined;
}
