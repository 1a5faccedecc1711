import type { DType, PoolGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import type { WindowCursor } from './cursor.js';
import type { Window } from './each-window.js';
import type { Finish } from './finish.js';
import { spreadOverlapping } from './spread-overlapping.js';
import { isTiled, spreadTiled } from './spread-tiled.js';

/** What a gradient of pooling passes over: windows of x, where x is given else of dx, and elements of dy. */
export interface Spread {
  readonly dtype: DType;
  readonly geometry: PoolGeometry;
  readonly x: Local;
  readonly dx: Local;
  readonly dy: Local;
  readonly prepare?: (cursor: WindowCursor) => Code;
  readonly finish?: Finish | undefined;
}

/** Gives a value to the element of dx at a tap of the window; the address is that of the tap in x. */
export type Give = (address: Code, offset: number, value: Code) => Code;
export type Share = (window: Window, give: Give) => Code;

/** Passes over all windows so that each gives shares of its dy to its elements of dx; the others are 0. */
export function spreadWindows(k: KernelFunction, spread: Spread, share: Share): Code {
  return isTiled(spread.geometry)
    ? spreadTiled(k, spread, share)
    : spreadOverlapping(k, spread, share);
}
