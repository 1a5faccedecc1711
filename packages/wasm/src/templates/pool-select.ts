import { scalarLanes } from '../conv/lanes.js';
import { seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { choose } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { forEachWindow } from '../window/each-window.js';
import { forMaximum } from '../window/maximum.js';
import type { EmitTemplate } from './template.js';

/** y = v at the first maximum of x in each window, 0 where the window lies in the padding. */
export const emitMaxPoolSelect: EmitTemplate<'maxPoolSelect'> = ({ dtype, geometry }, k) => {
  const [x, v] = k.inputs as [Local, Local];
  const y = k.outputs[0] as Local;
  const apart = k.f.i32();
  const sweep = { dtype, geometry, x: x.get, y: y.get };
  return seq(
    apart.set(i32.sub(v.get, x.get)),
    forEachWindow(k, sweep, (window) => {
      const { lanes } = window;
      const chosen = k.f.local(lanes.type);
      return seq(
        chosen.set(lanes.const(0)),
        forMaximum(k.f, window, (first, address, offset) => {
          const value = lanes.load(i32.add(address, apart.get), offset);
          return chosen.set(lanes.select(first, value, chosen.get));
        }),
        lanes.store(window.y.get, chosen.get),
      );
    }),
  );
};

/** y = the flat index of the first maximum of each window, within its image or within the batch. */
export const emitMaxPoolIndex: EmitTemplate<'maxPoolIndex'> = (template, k) => {
  const { dtype, geometry, includeBatch } = template;
  const { inSize, channels } = geometry;
  const [x, y] = [k.inputs[0] as Local, k.outputs[0] as Local];
  const { bytes } = scalarLanes(dtype, k.f);
  const imageBytes = inSize[0] * inSize[1] * inSize[2] * channels * bytes;
  const chosen = k.f.i32();
  const sweep = { dtype, geometry, x: x.get, y: y.get, bytesY: 4 };
  return forEachWindow(k, sweep, (window) => {
    const { image } = window.cursor;
    const before = includeBatch ? x.get : i32.add(x.get, i32.mul(image.get, i32.const(imageBytes)));
    return seq(
      chosen.set(before),
      forMaximum(k.f, window, (first, address, offset) =>
        chosen.set(choose(first, i32.add(address, i32.const(offset)), chosen.get)),
      ),
      i32.store(window.y.get, i32.shrU(i32.sub(chosen.get, before), i32.const(Math.log2(bytes)))),
    );
  });
};
