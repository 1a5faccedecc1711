import type { ConvGeometry, DType } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { scalarLanes } from './lanes.js';

export interface ScalarConv {
  readonly dtype: DType;
  readonly geometry: ConvGeometry;
  /** Addresses of x, filter and y, or of their gradients. */
  readonly x: Local;
  readonly filter: Local;
  readonly y: Local;
}

type Triple = readonly [number, number, number];
type Position = readonly [Code, Code, Code];

/** A number as digits of the given sizes, the last one least. */
function digits(number: Code, sizes: readonly number[]): Code[] {
  let rest = number;
  const found: Code[] = [];
  for (const size of [...sizes].reverse()) {
    found.unshift(i32.remU(rest, i32.const(size)));
    rest = i32.divU(rest, i32.const(size));
  }
  return found;
}

const joined = (parts: readonly Code[], sizes: readonly number[]): Code =>
  parts.reduce((all, part, i) => i32.add(i32.mul(all, i32.const(sizes[i] as number)), part));

/** Loops over all positions of these sizes. */
function forPositions(k: KernelFunction, sizes: Triple, body: (position: Position) => Code): Code {
  const { f } = k;
  const to = sizes.map((size) => i32.const(size)) as [Code, Code, Code];
  return f.for({ to: to[0] }, (a) =>
    f.for({ to: to[1] }, (b) => f.for({ to: to[2] }, (c) => body([a.get, b.get, c.get]))),
  );
}

/** Runs the body where a position computed along each axis lies inside of these sizes. */
function whenInside(
  k: KernelFunction,
  { at, sizes }: { at: (axis: 0 | 1 | 2) => Code; sizes: Triple },
  body: (position: Position) => Code,
): Code {
  const places = ([0, 1, 2] as const).map((axis) => ({ axis, local: k.f.i32() }));
  const position = places.map(({ local }) => local.get) as [Code, Code, Code];
  return places.reduceRight(
    (inner, { axis, local }) =>
      seq(local.set(at(axis)), when(i32.ltU(local.get, i32.const(sizes[axis])), inner)),
    body(position),
  );
}

/** Where tap t of the window at position p lies in x. */
const tapPosition =
  ({ strides, dilations, padBefore }: ConvGeometry, p: Position, t: Position) =>
  (axis: 0 | 1 | 2): Code =>
    i32.sub(
      i32.add(
        i32.mul(p[axis], i32.const(strides[axis])),
        i32.mul(t[axis], i32.const(dilations[axis])),
      ),
      i32.const(padBefore[axis]),
    );

interface Addresses {
  x(image: Code, position: Position, channel: Code): Code;
  filter(tap: Position, channel: Code, output: Code): Code;
  y(image: Code, position: Position, output: Code): Code;
}

function addressesOf({ dtype, geometry, x, filter, y }: ScalarConv, k: KernelFunction): Addresses {
  const { inSize, outSize, window, inChannels, outChannels, groups } = geometry;
  const { bytes } = scalarLanes(dtype, k.f);
  const at = (base: Local, parts: readonly Code[], sizes: readonly number[]): Code =>
    i32.add(base.get, i32.mul(joined(parts, sizes), i32.const(bytes)));
  return {
    x: (n, p, c) => at(x, [n, ...p, c], [0, ...inSize, inChannels]),
    filter: (t, c, o) => at(filter, [...t, c, o], [...window, inChannels / groups, outChannels]),
    y: (n, p, o) => at(y, [n, ...p, o], [0, ...outSize, outChannels]),
  };
}

/** Shares out the elements of a result and sets each to a sum that the body adds to. */
function forEachSum(
  k: KernelFunction,
  { dtype, out, sizes }: { dtype: DType; out: Local; sizes: readonly number[] },
  body: (place: readonly Code[], add: (a: Code, b: Code) => Code) => Code,
): Code {
  const { f } = k;
  const lanes = scalarLanes(dtype, f);
  const [begin, end, sum] = [f.i32(), f.i32(), f.local(lanes.type)];
  const rows = sizes.slice(0, -1);
  const columns = sizes.at(-1) as number;
  const places = rows.map(() => f.i32());
  const to = f.i32();
  const add = (a: Code, b: Code): Code =>
    sum.set(lanes.add(sum.get, lanes.mul(lanes.load(a), lanes.load(b))));
  return seq(
    k.share(
      rows.reduce((all, size) => all * size, 1),
      begin,
      end,
    ),
    to.set(i32.add(out.get, i32.mul(begin.get, i32.const(columns * lanes.bytes)))),
    f.for({ from: begin.get, to: end.get }, (row) =>
      seq(
        ...digits(row.get, rows).map((digit, i) => (places[i] as Local).set(digit)),
        f.for({ to: i32.const(columns) }, (column) =>
          seq(
            sum.set(lanes.const(0)),
            body([...places.map((place) => place.get), column.get], add),
            lanes.store(to.get, sum.get),
            to.increase(lanes.bytes),
          ),
        ),
      ),
    ),
  );
}

/** y[n, p, o], an element at a time. */
export function scalarForward(k: KernelFunction, conv: ScalarConv): Code {
  const { dtype, geometry } = conv;
  const { batch, inSize, outSize, window, groups, inChannels, outChannels } = geometry;
  const [perGroup, channels] = [outChannels / groups, inChannels / groups];
  const at = addressesOf(conv, k);
  const sizes = [batch, ...outSize, outChannels];
  return forEachSum(k, { dtype, out: conv.y, sizes }, (place, add) => {
    const [n, a, b, c, o] = place as [Code, Code, Code, Code, Code];
    const first = i32.mul(i32.divU(o, i32.const(perGroup)), i32.const(channels));
    return forPositions(k, window, (t) =>
      whenInside(k, { at: tapPosition(geometry, [a, b, c], t), sizes: inSize }, (q) =>
        k.f.for({ to: i32.const(channels) }, ({ get: channel }) =>
          add(at.x(n, q, i32.add(first, channel)), at.filter(t, channel, o)),
        ),
      ),
    );
  });
}

/** dx[n, q, c], an element at a time. */
export function scalarInputGradient(k: KernelFunction, conv: ScalarConv): Code {
  const { dtype, geometry } = conv;
  const { batch, inSize, outSize, window, groups, inChannels, outChannels } = geometry;
  const { strides, dilations, padBefore } = geometry;
  const [perGroup, channels] = [outChannels / groups, inChannels / groups];
  const at = addressesOf(conv, k);
  return forEachSum(
    k,
    { dtype, out: conv.x, sizes: [batch, ...inSize, inChannels] },
    (place, add) => {
      const [n, a, b, c, channel] = place as [Code, Code, Code, Code, Code];
      const inGroup = i32.remU(channel, i32.const(channels));
      const first = i32.mul(i32.divU(channel, i32.const(channels)), i32.const(perGroup));
      const offset = (t: Position, axis: 0 | 1 | 2): Code =>
        i32.sub(
          i32.add([a, b, c][axis] as Code, i32.const(padBefore[axis])),
          i32.mul(t[axis], i32.const(dilations[axis])),
        );
      const onStride = (t: Position): Code =>
        ([0, 1, 2] as const)
          .map((axis) => i32.remS(offset(t, axis), i32.const(strides[axis])))
          .reduce((all, rest) => i32.or(all, rest));
      const position = (t: Position) => (axis: 0 | 1 | 2) =>
        i32.divS(offset(t, axis), i32.const(strides[axis]));
      return forPositions(k, window, (t) =>
        when(
          i32.eqz(onStride(t)),
          whenInside(k, { at: position(t), sizes: outSize }, (p) =>
            k.f.for({ to: i32.const(perGroup) }, ({ get: output }) => {
              const o = i32.add(first, output);
              return add(at.y(n, p, o), at.filter(t, inGroup, o));
            }),
          ),
        ),
      );
    },
  );
}

/** dFilter[t, c, o], an element at a time. */
export function scalarFilterGradient(k: KernelFunction, conv: ScalarConv): Code {
  const { dtype, geometry } = conv;
  const { batch, inSize, outSize, window, groups, inChannels, outChannels } = geometry;
  const [perGroup, channels] = [outChannels / groups, inChannels / groups];
  const at = addressesOf(conv, k);
  return forEachSum(
    k,
    { dtype, out: conv.filter, sizes: [...window, channels, outChannels] },
    (place, add) => {
      const [a, b, c, inGroup, o] = place as [Code, Code, Code, Code, Code];
      const first = i32.mul(i32.divU(o, i32.const(perGroup)), i32.const(channels));
      return k.f.for({ to: i32.const(batch) }, ({ get: n }) =>
        forPositions(k, outSize, (p) =>
          whenInside(k, { at: tapPosition(geometry, p, [a, b, c]), sizes: inSize }, (q) =>
            add(at.x(n, q, i32.add(first, inGroup)), at.y(n, p, o)),
          ),
        ),
      );
    },
  );
}
