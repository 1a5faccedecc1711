import { finishing } from '../emit/finish.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { forEachWindow } from '../window/each-window.js';
import { largestOf } from '../window/maximum.js';
import { WindowDivisor } from '../window/mean.js';
import type { EmitTemplate } from './template.js';

/** y = the maximum or the mean of the part of each window that lies inside x. */
export const emitPool: EmitTemplate<'pool'> = (template, k, given) => {
  const { dtype, geometry, mode, countPadding } = template;
  const [x, y] = [k.inputs[0] as Local, k.outputs[0] as Local];
  const finish = given?.finish && finishing(k, given.finish);
  const sweep = { dtype, geometry, x: x.get, y: y.get, finish };
  if (mode === 'max') {
    return forEachWindow(k, sweep, (window) => {
      const { find, maximum } = largestOf(k.f, window);
      return seq(find, window.write(maximum));
    });
  }
  const divisor = new WindowDivisor(k.f, countPadding);
  return forEachWindow(k, { ...sweep, prepare: (cursor) => divisor.prepare(cursor) }, (window) => {
    const { lanes, cursor } = window;
    const sum = k.f.local(lanes.type);
    const add = (address: Code, offset: number): Code =>
      sum.set(lanes.add(sum.get, lanes.load(address, offset)));
    return seq(
      sum.set(lanes.const(0)),
      window.forTaps(add),
      sum.set(divisor.divide(lanes, cursor, sum.get)),
      window.write(sum),
    );
  });
};
