import { defineOp } from '../../graph/define-op.js';
import { HostTensor } from '../../graph/host-tensor.js';

const levels = 256;

/** The level that parts a histogram into two classes with the greatest variance between them; -1 where there is one class only. */
function bestLevel(histogram: Float64Array): number {
  let [total, weighted] = [0, 0];
  histogram.forEach((count, level) => {
    total += count;
    weighted += count * level;
  });
  let [best, most, below, sumBelow] = [-1, 0, 0, 0];
  for (let level = 0; level < levels - 1; level++) {
    below += histogram[level] as number;
    sumBelow += (histogram[level] as number) * level;
    const above = total - below;
    if (below === 0 || above === 0) continue;
    const apart = sumBelow / below - (weighted - sumBelow) / above;
    const variance = (below / total) * (above / total) * apart * apart;
    if (variance > most) [best, most] = [level, variance];
  }
  return best;
}

/**
 * The grey level that best parts dark from bright, on the host; values are rounded, those outside 0..255 do not count.
 * Shapes: x any -> []. Source: Otsu 1979, "A threshold selection method from gray-level histograms".
 */
export const otsuThreshold = /* @__PURE__ */ defineOp({
  name: 'otsuThreshold',
  inputs: ['x'],
  infer: () => ({ dtype: 'float32', shape: [] }),
  grad: null,
  run({ x }) {
    const histogram = new Float64Array(levels);
    for (const value of x.data) {
      const level = Math.round(Number(value));
      if (level >= 0 && level < levels) histogram[level] = (histogram[level] as number) + 1;
    }
    return new HostTensor(Float32Array.of(bestLevel(histogram)), []);
  },
});
