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

/** Each channel by itself, over rows wide enough for strips of columns. */
export function randomDepthwise(random: Random): ConvGeometry {
  const groups = upTo(random, 13, 2);
  const [width, stride, dilation] = [upTo(random, 17, 9), upTo(random, 2), upTo(random, 2)];
  const [window, before] = [random() < 0.2 ? 7 : upTo(random, 3), upTo(random, 2, 0)];
  const span = (window - 1) * dilation + 1;
  const out = Math.max(1, Math.floor((width + 2 * before - span) / stride) + 1);
  const rows = randomWindow(random);
  const last = <T>(triple: readonly [T, T, T], value: T) => [triple[0], triple[1], value] as const;
  return {
    batch: rows.batch,
    inSize: last(rows.inSize, width),
    outSize: last(rows.outSize, out),
    window: last(rows.window, window),
    strides: last(rows.strides, stride),
    dilations: last(rows.dilations, dilation),
    padBefore: last(rows.padBefore, before),
    ...{
      groups,
      inChannels: groups,
      outChannels: groups * ([1, 1, 2, 3, 4][upTo(random, 5) - 1] as number),
    },
  };
}

interface Sizes {
  readonly batch?: number;
  readonly size: Triple;
  readonly window: Triple;
  readonly stride?: number;
  readonly channels: readonly [number, number];
  readonly groups?: number;
}

/** As much padding on both sides as keeps the size, where there are no strides. */
export function sameConv({ batch = 1, size, window, stride = 1, channels, groups = 1 }: Sizes) {
  const strides = size.map((n) => (n === 1 ? 1 : stride)) as Triple;
  const geometry: ConvGeometry = {
    ...{ batch, inSize: size, window, strides, dilations: [1, 1, 1], groups },
    outSize: size.map((n, i) => Math.ceil(n / (strides[i] as number))) as Triple,
    padBefore: window.map((n) => (n - 1) >> 1) as Triple,
    ...{ inChannels: channels[0], outChannels: channels[1] },
  };
  return geometry;
}
