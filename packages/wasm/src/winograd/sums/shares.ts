import { matricesOf } from '../read-tiles.js';
import { fewUnits, type Planes, regionsOf, type Tiling, tilingOf } from '../tiling.js';

/** Channels that are cut into parts of equal size, of which the last one may be smaller. */
export interface Parts {
  readonly count: number;
  readonly size: number;
  readonly parts: number;
}

/** How the work of a filter gradient is shared: a function of sizes alone, so that sums are the same for any number of threads. */
export interface Shares {
  readonly channels: Parts;
  readonly outputs: Parts;
  /** Into how many chunks the blocks of tiles are cut. */
  readonly chunks: number;
  readonly tiling: Tiling;
  /** A unit is a chunk for a part of the channels and a part of the outputs. */
  readonly units: number;
  /** How the sums of a unit lie in memory. */
  readonly sums: ReturnType<typeof matricesOf>;
}

// A part's sums and the transforms of its tiles stay in the second cache; of a smaller one more is transformed than is multiplied.
const partSizes = [64, 32];
const acceptableUnits = 4;
const leastChunk = 32;
const even = 8;

function partsOf(count: number, most: number): Parts {
  const size = Math.ceil(count / Math.ceil(count / most) / even) * even;
  return { count, size, parts: Math.ceil(count / size) };
}

export function sharesOf(planes: Planes): Shares {
  const tiles = regionsOf(planes).reduce((sum, region) => sum + region.tiles, 0);
  const choices = partSizes.map((most) => {
    const channels = partsOf(planes.inChannels, most);
    const outputs = partsOf(planes.outChannels, most);
    const parts = channels.parts * outputs.parts;
    const wanted = Math.min(Math.ceil(fewUnits / parts), Math.floor(tiles / leastChunk));
    return { channels, outputs, chunks: Math.max(1, wanted), parts };
  });
  const first = choices.find(({ chunks, parts }) => chunks * parts >= acceptableUnits);
  const { channels, outputs, chunks, parts } = first ?? (choices.at(-1) as (typeof choices)[0]);
  const kept = { channels: channels.size + outputs.size, units: chunks };
  return {
    ...{ channels, outputs, chunks },
    tiling: tilingOf(planes, kept),
    units: chunks * parts,
    sums: matricesOf(channels.size, outputs.size),
  };
}
