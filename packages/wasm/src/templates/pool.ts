import { finishing } from '../emit/finish.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { forEachWindow } from '../window/each-window.js';
import { forMaximum, largestOf } from '../window/maximum.js';
import { WindowDivisor } from '../window/mean.js';
import { spreadWindows } from '../window/spread.js';
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

/** dx[p] = the sum of dy / count over the windows that hold p. */
export const emitAveragePoolGradient: EmitTemplate<'averagePoolGradient'> = (
  template,
  k,
  given,
) => {
  const { dtype, geometry, countPadding } = template;
  const [dy, dx] = [k.inputs[0] as Local, k.outputs[0] as Local];
  const finish = given?.finish && finishing(k, given.finish);
  const divisor = new WindowDivisor(k.f, countPadding);
  const prepare = (cursor: Parameters<typeof divisor.prepare>[0]) => divisor.prepare(cursor);
  return spreadWindows(k, { dtype, geometry, x: dx, dx, dy, prepare, finish }, (window, give) => {
    const { lanes, cursor, y, forTaps } = window;
    const part = k.f.local(lanes.type);
    return seq(
      part.set(divisor.divide(lanes, cursor, lanes.load(y.get))),
      forTaps((address, offset) => give(address, offset, part.get)),
    );
  });
};

/** dx[p] = the sum of dy over the windows whose first maximum lies at p. */
export const emitMaxPoolGradient: EmitTemplate<'maxPoolGradient'> = (template, k, given) => {
  const { dtype, geometry } = template;
  const finish = given?.finish && finishing(k, given.finish);
  const [x, dy] = k.inputs as [Local, Local];
  const dx = k.outputs[0] as Local;
  return spreadWindows(k, { dtype, geometry, x, dx, dy, finish }, (window, give) => {
    const { lanes } = window;
    const whole = k.f.local(lanes.type);
    return seq(
      whole.set(lanes.load(window.y.get)),
      forMaximum(k.f, window, (first, address, offset) =>
        give(address, offset, lanes.only(first, whole.get)),
      ),
    );
  });
};
