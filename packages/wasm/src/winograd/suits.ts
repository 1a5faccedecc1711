import type { ConvGeometry } from '@tenon/core';
import { adjointOf } from '../conv/adjoint.js';
import { sharesOf } from './sums/shares.js';
import {
  imagesOf,
  type Planes,
  planesOf,
  productsOf,
  type Region,
  regionsOf,
  tilePositions,
} from './tiling.js';

const leastChannels = 16;

// Vectors that are multiplied and added in a cycle, and cycles of the transforms of one vector.
const perCycle = 2;
const efficiency = 0.85;
const cycles = { input: 28, output: 26, gradient: 20, spread: 60 };
// Of a filter: those that are larger than the second cache are written to memory and read again.
const filterCycles = { small: 30, large: 90 };
const largeFilter = 1 << 20;

// What has to be gained: costs are only estimates.
const leastGain = 1.15;

const vectors = (multiplications: number): number => multiplications / 4;

interface Work {
  readonly planes: Planes;
  readonly regions: readonly Region[];
  /** How often the regions come. */
  readonly times: number;
  /** Cycles of the transforms of a vector of x, of y, and of the filter. */
  readonly x: number;
  readonly y: number;
  readonly filter: number;
}

function workCycles({ planes, regions, times, x, y, filter }: Work): number {
  const { inChannels, outChannels } = planes;
  const tiles = times * regions.reduce((sum, region) => sum + region.tiles, 0);
  const products = vectors(times * productsOf(regions) * inChannels * outChannels);
  const transforms = tiles * (vectors(inChannels) * x + vectors(outChannels) * y);
  const filters = vectors(inChannels * outChannels) * filter;
  return products / perCycle / efficiency + transforms + filters;
}

function packingCycles({ inChannels, outChannels }: Planes): number {
  const bytes = 4 * tilePositions * inChannels * outChannels;
  return bytes > largeFilter ? filterCycles.large : filterCycles.small;
}

/** About how many cycles a convolution by tiles takes. */
const tileCycles = (planes: Planes): number =>
  workCycles({
    ...{ planes, regions: regionsOf(planes), times: 1, x: cycles.input, y: cycles.output },
    filter: packingCycles(planes),
  });

/** And the adjoint that adds up tiles of dx. */
function spreadCycles(planes: Planes): number {
  const { images, regions, fits } = imagesOf(planes);
  if (!fits) return Number.POSITIVE_INFINITY;
  const times = planes.images / images;
  const filter = packingCycles(planes);
  return workCycles({ planes, regions, times, filter, x: cycles.spread, y: cycles.gradient });
}

/** And the filter gradient: each part of the channels transforms its tiles by itself, each chunk has sums of its own. */
function filterGradientCycles(planes: Planes): number {
  const { channels, outputs, chunks } = sharesOf(planes);
  return workCycles({
    ...{ planes, regions: regionsOf(planes), times: 1 },
    x: cycles.input * outputs.parts,
    y: cycles.gradient * channels.parts,
    filter: filterCycles.small + tilePositions * chunks,
  });
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

/** Whether a convolution is faster by tiles of 2 x 2. */
export const suitsTiles = (geometry: ConvGeometry): boolean => gains(geometry, tileCycles);

/** Whether a filter gradient is. */
export const suitsTiledSums = (geometry: ConvGeometry): boolean =>
  gains(geometry, filterGradientCycles);

function gains(geometry: ConvGeometry, cost: (planes: Planes) => number): boolean {
  const planes = planesOf(geometry);
  if (!planes || !hasChannels(planes)) return false;
  return directCycles(geometry) > leastGain * cost(planes);
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
