import { finishing } from '../emit/finish.js';
import { seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { forMaximum } from '../window/maximum.js';
import { WindowDivisor } from '../window/mean.js';
import { spreadWindows } from '../window/spread.js';
import type { EmitTemplate } from './template.js';

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
