import type { ConvGeometry, PoolGeometry, WindowGeometry } from '@tenon/core';
import type { Random } from './conv-data.js';

type Triple = [number, number, number];

const upTo = (random: Random, most: number, least = 1): number =>
  least + Math.floor(random() * (most - least + 1));

/** A small window over one to three axes, with strides, gaps and padding on both sides. */
export function randomWindow(random: Random): WindowGeometry {
  const rank = upTo(random, 3);
  const axes = [0, 1, 2].map((axis) => {
    if (axis < 3 - rank) return { size: 1, out: 1, window: 1, stride: 1, dilation: 1, before: 0 };
    const [window, dilation] = [upTo(random, 3), random() < 0.3 ? 2 : 1];
    const stride = random() < 0.3 ? window : upTo(random, 3);
    const span = (window - 1) * dilation + 1;
    const padded = random() < 0.5;
    const [before, after] = padded ? [upTo(random, 3, 0), upTo(random, 3, 0)] : [0, 0];
    const size = Math.max(upTo(random, 9), span - before - after, 1);
    const out =
      Math[random() < 0.3 ? 'ceil' : 'floor']((size + before + after - span) / stride) + 1;
    return { size, out, window, stride, dilation, before };
  });
  const triple = (pick: (axis: (typeof axes)[number]) => number) => axes.map(pick) as Triple;
  return {
    batch: upTo(random, 3),
    inSize: triple(({ size }) => size),
    outSize: triple(({ out }) => out),
    window: triple(({ window }) => window),
    strides: triple(({ stride }) => stride),
    dilations: triple(({ dilation }) => dilation),
    padBefore: triple(({ before }) => before),
  };
}

export const randomPool = (random: Random): PoolGeometry => ({
  ...randomWindow(random),
  channels: upTo(random, 9),
});

export function randomConv(random: Random): ConvGeometry {
  const groups = random() < 0.3 ? upTo(random, 5) : 1;
  const most = groups === 1 ? 17 : 4;
  return {
    ...randomWindow(random),
    groups,
    inChannels: groups * (random() < 0.4 ? 1 : upTo(random, most)),
    outChannels: groups * upTo(random, most),
  };
}

/** Elements of a tensor with the spatial size of the input or of the output. */
export const elementsOf = (
  geometry: WindowGeometry,
  side: 'inSize' | 'outSize',
  channels: number,
): number => geometry[side].reduce((all, size) => all * size, geometry.batch * channels);
