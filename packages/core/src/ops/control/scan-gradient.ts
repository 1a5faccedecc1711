import { connectedParams } from '../../autodiff/connected-params.js';
import { connectedGradients } from '../../autodiff/gradients.js';
import { isFloat } from '../../graph/dtype.js';
import type { GradientContext } from '../../graph/op.js';
import { inline } from '../../graph/region.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { places } from './branch.js';
import { noGradient } from './no-gradient.js';
import type { Loop, LoopResult, ScanAttrs } from './scan-attrs.js';

type Context = GradientContext<readonly ['...values']>;

/**
 * The adjoint of a scan is a scan the other way round. Its state is the gradient of the forward state and, for every
 * captured tensor, the sum of what flowed to it so far; each turn computes the body again from the state before it, which
 * the forward scan has stacked.
 */
export function scanGradient(
  { values, ys, dys }: Context,
  attrs: ScanAttrs,
  loop: (parts: Loop) => LoopResult,
): { values: (Tensor | null)[] } {
  const { body, carries, sequences, length, reverse } = attrs;
  const plan = planned(values, dys, attrs);
  const { states, slices, captures, flowing } = plan;
  const pick = (list: readonly (Tensor | null)[], at: readonly number[]) =>
    at.map((i) => list[i] as Tensor);
  const history = ys.slice(ys.length - carries);
  const { last, stacked } = loop({
    carries: [
      ...states.map((i) => dys[i] ?? noGradient(ys[i] as Tensor)),
      ...pick(values, captures).map(noGradient),
    ],
    sequences: [...history, ...values.slice(carries, carries + sequences), ...pick(dys, flowing)],
    captures: values.slice(carries + sequences),
    length,
    reverse: !reverse,
    body(gradients, [...rows], around) {
      const own = [...rows.splice(0, carries + sequences), ...around];
      const results = inline(body, own);
      const xs = [...states, ...captures, ...slices].map((i) => own[i] as Tensor);
      const ends = [...states, ...flowing].map((i) => results[i] as Tensor);
      const found = connectedGradients(ends, xs, [...gradients.slice(0, states.length), ...rows]);
      const whole = found.map((gradient, i) => gradient ?? noGradient(xs[i] as Tensor));
      const sums = captures.map((_, i) =>
        add(gradients[states.length + i] as Tensor, whole[states.length + i] as Tensor),
      );
      return {
        carries: [...whole.slice(0, states.length), ...sums],
        outputs: whole.slice(states.length + captures.length),
      };
    },
  });
  const at = new Map([...states, ...captures].map((place, i) => [place, last[i] as Tensor]));
  slices.forEach((place, i) => void at.set(place, stacked[i] as Tensor));
  return { values: values.map((_, i) => at.get(i) ?? null) };
}

/** Which inputs get a gradient, and from which stacked results one comes. */
function planned(
  values: readonly Tensor[],
  dys: readonly (Tensor | null)[],
  { body, carries, sequences }: ScanAttrs,
) {
  const connected = connectedParams(body);
  const floats = places(values, ({ dtype }) => isFloat(dtype));
  const ranged = (from: number, to: number) =>
    floats.filter((i) => i >= from && i < to && connected[i] === true);
  return {
    states: floats.filter((i) => i < carries),
    slices: ranged(carries, carries + sequences),
    captures: ranged(carries + sequences, values.length),
    flowing: places(dys, (dy, i) => i >= carries && dy !== null && isFloat(dy.dtype)),
  };
}
