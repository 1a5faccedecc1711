import { type Code, seq } from '../encoder/code.js';
import type { FunctionBuilder, Local } from '../encoder/function.js';
import type { Window } from './each-window.js';

/** The maximum of the window, NaN where it holds one, the least value of the dtype where it lies in the padding. */
export function largestOf(
  f: FunctionBuilder,
  { lanes, forTaps }: Window,
): { readonly find: Code; readonly maximum: Local } {
  const { unordered } = lanes;
  const [value, maximum] = [f.local(lanes.type), f.local(lanes.type)];
  const odd = f.local(lanes.maskType);
  const find = seq(
    maximum.set(lanes.least),
    unordered ? odd.set(lanes.none) : [],
    forTaps((address, offset) =>
      seq(
        value.set(lanes.load(address, offset)),
        unordered ? odd.set(lanes.or(odd.get, unordered(value.get))) : [],
        maximum.set(lanes.larger(maximum.get, value.get)),
      ),
    ),
    unordered ? maximum.set(lanes.select(odd.get, lanes.const(Number.NaN), maximum.get)) : [],
  );
  return { find, maximum };
}

/** Passes over the taps of the window with a mask of the lanes whose first maximum lies at the tap. */
export function forMaximum(
  f: FunctionBuilder,
  window: Window,
  visit: (first: Code, address: Code, offset: number) => Code,
): Code {
  const { offsets } = window;
  return offsets ? byNumber(f, { ...window, offsets }, visit) : byValue(f, window, visit);
}

/**
 * From the last tap to the first, each takes the place of what is not greater, and NaN of all: how many taps behind the present
 * one the maximum lies is counted.
 */
function byNumber(
  f: FunctionBuilder,
  { lanes, x, offsets }: Window & { readonly offsets: readonly number[] },
  visit: (first: Code, address: Code, offset: number) => Code,
): Code {
  const { unordered } = lanes;
  const [value, maximum] = [f.local(lanes.type), f.local(lanes.type)];
  const [takes, behind] = [f.local(lanes.maskType), f.local(lanes.maskType)];
  const atLeast = lanes.atLeast(value.get, maximum.get);
  const search = offsets
    .slice(0, -1)
    .map((offset) =>
      seq(
        value.set(lanes.load(x.get, offset)),
        takes.set(unordered ? lanes.or(atLeast, unordered(value.get)) : atLeast),
        maximum.set(lanes.select(takes.get, value.get, maximum.get)),
        behind.set(lanes.countUp(behind.get, takes.get)),
      ),
    );
  return seq(
    maximum.set(lanes.load(x.get, offsets.at(-1))),
    behind.set(lanes.none),
    ...search.reverse(),
    ...offsets.map((offset) =>
      seq(visit(lanes.isZero(behind.get), x.get, offset), behind.set(lanes.countDown(behind.get))),
    ),
  );
}

/** Finds the maximum, then the first tap that holds it. */
function byValue(
  f: FunctionBuilder,
  window: Window,
  visit: (first: Code, address: Code, offset: number) => Code,
): Code {
  const { lanes, forTaps } = window;
  const { find, maximum } = largestOf(f, window);
  const value = f.local(lanes.type);
  const [first, found] = [f.local(lanes.maskType), f.local(lanes.maskType)];
  // Where the window holds NaN the maximum is NaN and equals nothing, so the first NaN is what is found.
  const equal = lanes.equal(value.get, maximum.get);
  const holds = lanes.unordered ? lanes.or(equal, lanes.unordered(value.get)) : equal;
  return seq(
    find,
    found.set(lanes.none),
    forTaps((address, offset) =>
      seq(
        value.set(lanes.load(address, offset)),
        first.set(lanes.andnot(holds, found.get)),
        found.set(lanes.or(found.get, first.get)),
        visit(first.get, address, offset),
      ),
    ),
  );
}
