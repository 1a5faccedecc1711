import { forEachWindow } from '../conv/each-window.js';
import { largestOf } from '../conv/window-maximum.js';
import { WindowDivisor } from '../conv/window-mean.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import type { EmitTemplate } from './template.js';

/** y = the maximum or the mean of the part of each window that lies inside x. */
export const emitPool: EmitTemplate<'pool'> = (template, k) => {
  const { dtype, geometry, mode, countPadding } = template;
  const [x, y] = [k.inputs[0] as Local, k.outputs[0] as Local];
  const sweep = { dtype, geometry, x: x.get, y: y.get };
  if (mode === 'max') {
    return forEachWindow(k, sweep, (window) => {
      const { find, maximum } = largestOf(k.f, window);
      return seq(find, window.lanes.store(window.y.get, maximum.get));
    });
  }
  const divisor = new WindowDivisor(k.f, countPadding);
  return forEachWindow(k, { ...sweep, prepare: (cursor) => divisor.prepare(cursor) }, (window) => {
    const { lanes, cursor, positionBytes } = window;
    const sum = k.f.local(lanes.type);
    const add = (address: Code, offset: number): Code =>
      sum.set(lanes.add(sum.get, lanes.load(address, offset)));
    return seq(
      sum.set(lanes.const(0)),
      cursor.forTaps(window.x, positionBytes, add),
      lanes.store(window.y.get, divisor.divide(lanes, cursor, sum.get)),
    );
  });
};
