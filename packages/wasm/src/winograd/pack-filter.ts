import { panelBytes, panelsOf } from '../conv/panels.js';
import { panelColumns } from '../conv/product-tile.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { v128 } from '../encoder/simd.js';
import { tilePositions, tileReach } from './tiling.js';
import { transformColumns, transforms } from './transforms.js';

/** Transformed filters as panels [position, panel, depth, panelColumns]. */
export interface FilterPanels {
  readonly at: Local;
  readonly depth: number;
  readonly columns: number;
  readonly panelBytes: number;
  readonly positionBytes: number;
}

// Matrices a power of two apart would fall into the same few lines of the first cache.
const apart = 64;

export function filterPanels(at: Local, depth: number, columns: number): FilterPanels {
  const bytes = panelBytes(depth);
  const positionBytes = panelsOf(columns) * bytes + apart;
  return { at, depth, columns, panelBytes: bytes, positionBytes };
}

export const filterBytes = ({ positionBytes }: FilterPanels): number =>
  tilePositions * positionBytes;

/**
 * How the filter lies in memory: 'plain' is [taps, depth, columns], 'transposed' [taps, columns, depth], and 'mirrored' that with
 * the taps from the last to the first.
 */
export type FilterOrder = 'plain' | 'transposed' | 'mirrored';

interface FilterPacking {
  readonly filter: Local;
  readonly to: FilterPanels;
  readonly order: FilterOrder;
}

const taps = 9;

/** Transforms a filter for all threads, which share its columns. Ends with a barrier. */
export function packFilter(k: KernelFunction, { filter, to, order }: FilterPacking): Code {
  const { f } = k;
  const { at, depth, columns } = to;
  const [begin, end, source, target] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const values = Array.from({ length: taps }, () => f.v128());
  const tapBytes = 4 * depth * columns;
  const [depthBytes, columnBytes] = order === 'plain' ? [4 * columns, 4] : [4, 4 * depth];
  const perPanel = panelColumns / 4;
  const load = values.map((value, tap) => {
    const offset = (order === 'mirrored' ? taps - 1 - tap : tap) * tapBytes;
    return order === 'plain'
      ? value.set(v128.load(source.get, offset))
      : gather(value, { from: source, offset, stride: columnBytes });
  });
  const transformed = transformColumns(f, {
    ...{ by: transforms.filter, from: 3, to: tileReach },
    load: (row, column) => (values[3 * row + column] as Local).get,
    put: (row, column, value) =>
      v128.store(target.get, value, (row * tileReach + column) * to.positionBytes),
  });
  return seq(
    k.share(columns / 4, begin, end),
    f.for({ from: begin.get, to: end.get }, (four) =>
      seq(
        source.set(i32.add(filter.get, i32.mul(four.get, i32.const(4 * columnBytes)))),
        target.set(
          i32.add(
            i32.add(
              at.get,
              i32.mul(i32.divU(four.get, i32.const(perPanel)), i32.const(to.panelBytes)),
            ),
            i32.mul(i32.remU(four.get, i32.const(perPanel)), i32.const(16)),
          ),
        ),
        f.for({ to: i32.const(depth) }, () =>
          seq(
            ...load,
            ...transformed,
            source.increase(depthBytes),
            target.increase(4 * panelColumns),
          ),
        ),
      ),
    ),
    k.barrier(),
  );
}

interface Apart {
  readonly from: Local;
  readonly offset: number;
  readonly stride: number;
}

/** Four floats that lie apart. */
const gather = (value: Local, { from, offset, stride }: Apart): Code =>
  seq(
    value.set(v128.load32Zero(from.get, offset)),
    ...[1, 2, 3].map((lane) =>
      value.set(v128.load32Lane(lane, from.get, value.get, offset + lane * stride)),
    ),
  );
