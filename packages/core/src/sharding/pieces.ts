import { dtypes } from '../graph/dtype.js';
import { namedInputs } from '../graph/op.js';
import { sizeOf } from '../graph/shape.js';
import type { Node, Tensor } from '../graph/tensor.js';
import type { AxisRange } from './cut.js';

/** How an axis is cut over devices: range i is for device i. */
export interface Division {
  readonly ranges: readonly AxisRange[];
  readonly devices: readonly string[];
}

/** A value that lies in pieces: part i holds range i of the axis and is on device i. */
export interface Pieces extends Division {
  readonly axis: number;
  readonly parts: readonly Tensor[];
  /** Whether the parts are variables. */
  readonly stored: boolean;
}

/** A part of a value, or with no axis all of it, where a device needs it. */
export interface Wanted {
  readonly device: string;
  readonly axis: number | null;
  readonly range: AxisRange;
}

/** The pieces that a node joins, where these are variables on several devices. */
export function storedPieces({ op, inputs, attrs }: Node): Pieces | undefined {
  const { joins } = op.definition;
  if (!joins) return undefined;
  const devices = inputs.flatMap(({ node }) => (node.op.role === 'variable' ? [node.device] : []));
  const hinted = devices.filter((device) => device !== undefined);
  if (hinted.length < inputs.length || new Set(hinted).size < 2) return undefined;
  const axis = joins(namedInputs(op, inputs) as never, attrs as never);
  let begin = 0;
  const ranges = inputs.map(({ shape }) => {
    const range = { begin, size: shape[axis] as number };
    begin += range.size;
    return range;
  });
  return { axis, ranges, devices: hinted, parts: inputs, stored: true };
}

/** Bytes of a part of a value; single numbers count as none, so that they never decide. */
export function bytesOf(
  { shape, dtype }: Tensor,
  { axis, range }: Pick<Wanted, 'axis' | 'range'>,
): number {
  const elements = sizeOf(shape);
  const part = axis === null ? elements : (elements / (shape[axis] as number)) * range.size;
  return elements <= 1 ? 0 : part * dtypes[dtype].bytes;
}

/** All of a value, for `bytesOf`. */
export const whole = { axis: null, range: { begin: 0, size: 0 } } as const;

/**
 * Whether a node may be computed elsewhere, or in pieces: it has one output and no place of its own in the run. Random numbers are
 * the same wherever they are drawn.
 */
export const movable = ({ op, outputs, controls, region }: Node): boolean =>
  (op.role === 'pure' || op.role === 'random') &&
  outputs.length === 1 &&
  controls.length === 0 &&
  region === undefined;
