import type { WindowGeometry } from '../../../lower/template.js';

/** The positions of one window that lie inside x. */
export interface WindowWalk {
  /** Elements of a window, in the padding or not. */
  readonly size: number;
  /** How many of them lie inside x. */
  count: number;
  /** Their flat positions within [batch, ...inSize], in the order of the window. */
  readonly positions: Int32Array;
  /** Their flat positions within the window. */
  readonly taps: Int32Array;
  /** Goes to the window of an output position, counted flat over [batch, ...outSize]. */
  moveTo(output: number): void;
}

/** A cursor over the windows of a geometry; moving it allocates nothing. */
export function createWindowWalk(geometry: WindowGeometry): WindowWalk {
  const { inSize, outSize, window, strides, dilations, padBefore } = geometry;
  const size = window[0] * window[1] * window[2];
  const positions = new Int32Array(size);
  const taps = new Int32Array(size);
  const walk: WindowWalk = {
    size,
    count: 0,
    positions,
    taps,
    moveTo(output) {
      const lines = Math.floor(output / outSize[2]);
      const planes = Math.floor(lines / outSize[1]);
      const n = Math.floor(planes / outSize[0]);
      const depth0 = (planes - n * outSize[0]) * strides[0] - padBefore[0];
      const row0 = (lines - planes * outSize[1]) * strides[1] - padBefore[1];
      const column0 = (output - lines * outSize[2]) * strides[2] - padBefore[2];
      let count = 0;
      for (let a = 0; a < window[0]; a++) {
        const depth = depth0 + a * dilations[0];
        if (depth < 0 || depth >= inSize[0]) continue;
        for (let b = 0; b < window[1]; b++) {
          const row = row0 + b * dilations[1];
          if (row < 0 || row >= inSize[1]) continue;
          const line = ((n * inSize[0] + depth) * inSize[1] + row) * inSize[2];
          for (let c = 0; c < window[2]; c++) {
            const column = column0 + c * dilations[2];
            if (column < 0 || column >= inSize[2]) continue;
            positions[count] = line + column;
            taps[count++] = (a * window[1] + b) * window[2] + c;
          }
        }
      }
      walk.count = count;
    },
  };
  return walk;
}

/** The number of windows: the positions of [batch, ...outSize]. */
export const windowCount = ({ batch, outSize }: WindowGeometry): number =>
  batch * outSize[0] * outSize[1] * outSize[2];
