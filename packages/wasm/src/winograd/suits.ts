import type { ConvGeometry } from '@tenon/core';
import { adjointOf } from '../conv/adjoint.js';
import { imagesOf, type Planes, planesOf, productsOf, type Region, regionsOf } from './tiling.js';

const leastChannels = 16;

// Vectors that are multiplied and added in a cycle, and cycles of the transforms of one vector.
const perCycle = 2;
const efficiency = 0.85;
const cycles = { input: 28, output: 26, gradient: 20, spread: 60, filter: 45 };

// What has to be gained: costs are only estimates.
const leastGain = 1.1;

const vectors = (multiplications: number): number => multiplications / 4;

interface Work {
  readonly planes: Planes;
  readonly regions: readonly Region[];
  /** How often the regions come. */
  readonly times: number;
  /** Cycles of the transforms of a vector of x and of y. */
  readonly x: number;
  readonly y: number;
}

function workCycles({ planes, regions, times, x, y }: Work): number {
  const { inChannels, outChannels } = planes;
  const tiles = times * regions.reduce((sum, region) => sum + region.tiles, 0);
  const products = vectors(times * productsOf(regions) * inChannels * outChannels);
  const transforms = tiles * (vectors(inChannels) * x + vectors(outChannels) * y);
  const filter = vectors(inChannels * outChannels) * cycles.filter;
  return products / perCycle / efficiency + transforms + filter;
}

/** About how many cycles a convolution by tiles takes. */
const tileCycles = (planes: Planes): number =>
  workCycles({
    ...{ planes, regions: regionsOf(planes), times: 1, x: cycles.input, y: cycles.output },
  });

/** And the adjoint that adds up tiles of dx. */
function spreadCycles(planes: Planes): number {
  const { images, regions, fits } = imagesOf(planes);
  if (!fits) return Number.POSITIVE_INFINITY;
  const times = planes.images / images;
  return workCycles({ planes, regions, times, x: cycles.spread, y: cycles.gradient });
}

/** Cycles of the products of all positions with nine taps. */
function directCycles({ batch, outSize, inChannels, outChannels }: ConvGeometry): number {
  const positions = outSize.reduce((all, size) => all * size, batch);
  return vectors(positions * 9 * inChannels * outChannels) / perCycle / efficiency;
}

function hasChannels({ inChannels, outChannels }: Planes): boolean {
  const whole = inChannels % 4 === 0 && outChannels % 4 === 0;
  return whole && Math.min(inChannels, outChannels) >= leastChannels;
}

/** Whether a convolution and its filter gradient are faster by tiles of 2 x 2. */
export function suitsTiles(geometry: ConvGeometry): boolean {
  const planes = planesOf(geometry);
  if (!planes || !hasChannels(planes)) return false;
  return directCycles(geometry) > leastGain * tileCycles(planes);
}

/**
 * How an input gradient is computed by tiles if that is faster: 'covering' dx by tiles of a convolution of dy, or 'spreading' tiles
 * of dy, which are fewer if dx is larger.
 */
export function tiledInputGradient(geometry: ConvGeometry): 'covering' | 'spreading' | undefined {
  const [planes, adjoint] = [planesOf(geometry), planesOf(adjointOf(geometry))];
  if (!planes || !adjoint || !hasChannels(planes)) return undefined;
  const [covering, spreading] = [tileCycles(adjoint), spreadCycles(planes)];
  if (directCycles(geometry) <= leastGain * Math.min(covering, spreading)) return undefined;
  return spreading < covering ? 'spreading' : 'covering';
}
