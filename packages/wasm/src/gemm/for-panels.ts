import { type Code, seq } from '../encoder/code.js';
import { type FunctionBuilder, type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';

/** A matrix cut into panels of `width` lines, of which the last may have fewer. */
interface Panels {
  readonly lines: number;
  readonly width: number;
  readonly from: Code;
  /** Must not change while they are passed over. */
  readonly to: Local;
}

/** Panel by panel; the body is written a second time for a last panel with fewer lines. */
export function forPanels(
  f: FunctionBuilder,
  { lines, width, from, to }: Panels,
  body: (panel: Local, lines: number) => Code,
): Code {
  const [panel, end] = [f.i32(), f.i32()];
  const whole = Math.floor(lines / width);
  const rest = lines % width;
  if (rest === 0) {
    const turn = seq(body(panel, width), panel.increase(1));
    return seq(panel.set(from), f.while(i32.ltS(panel.get, to.get), turn));
  }
  const last = when(i32.ltS(panel.get, to.get), body(panel, rest));
  if (whole === 0) return seq(panel.set(from), last);
  const turn = seq(body(panel, width), panel.increase(1));
  return seq(
    panel.set(from),
    end.set(to.get),
    when(i32.gtS(end.get, i32.const(whole)), end.set(i32.const(whole))),
    f.while(i32.ltS(panel.get, end.get), turn),
    last,
  );
}
