import { GraphError } from '../errors.js';
import { withScope } from '../graph/scope.js';
import { axisOf } from '../graph/shape.js';
import { type Variable, variable } from '../graph/variable.js';
import { slice } from '../ops/slicing/slice.js';
import type { AxisRange } from './cut.js';
import { withSize } from './cut.js';

/** Where the value of a variable lies: on one device, or cut along an axis into pieces that lie on several, in order. */
export interface VariableLayout {
  /** Names or hints of the devices, one for each piece. */
  readonly over: readonly string[];
  /** The axis that is cut, where there is more than one piece. */
  readonly axis?: number;
  /** Elements of the axis in each piece; as even as can be when left out. */
  readonly sizes?: readonly number[];
}

/** A variable in pieces, each a variable of its own that has its device as a hint. */
export interface PiecesOf {
  readonly axis: number;
  readonly ranges: readonly AxisRange[];
  readonly pieces: readonly Variable[];
  readonly layout: VariableLayout;
}

export const sameLayout = (a: VariableLayout, b: VariableLayout): boolean =>
  a.axis === b.axis &&
  String(a.over) === String(b.over) &&
  String(a.sizes ?? []) === String(b.sizes ?? []);

/**
 * Makes the pieces of a variable, each beside one of others if they are given. Errors: ATTRIBUTE_INVALID for an axis or sizes that
 * the variable does not have.
 */
export function piecesOf(
  whole: Variable,
  layout: VariableLayout,
  besides: readonly Variable[] = [],
): PiecesOf {
  const { over } = layout;
  if (over.length === 0) throw invalid(whole, 'over names no device.', 'name at least one.');
  if (over.length === 1) {
    const [device] = over as readonly [string];
    const range = { begin: 0, size: whole.shape[0] ?? 1 };
    return { axis: 0, ranges: [range], pieces: [moved(whole, device, besides[0])], layout };
  }
  if (layout.axis === undefined)
    throw invalid(whole, `${over.length} devices and no axis.`, 'say which axis is cut.');
  const axis = axisOf(layout.axis, whole.shape.length, whole.name);
  const ranges = rangesOf(whole, axis, layout);
  const pieces = ranges.map((range, i) =>
    piece(whole, { axis, range, device: over[i] as string, beside: besides[i] }),
  );
  return { axis, ranges, pieces, layout };
}

function rangesOf(whole: Variable, axis: number, { over, sizes }: VariableLayout): AxisRange[] {
  const extent = whole.shape[axis] as number;
  if (extent < over.length) {
    throw invalid(
      whole,
      `axis ${axis} has ${extent} elements for ${over.length} devices.`,
      'name fewer devices, or another axis.',
    );
  }
  const parts = sizes ?? evenSizes(extent, over.length);
  const sum = parts.reduce((total, size) => total + size, 0);
  const valid = parts.every((size) => Number.isInteger(size) && size > 0);
  if (!valid || parts.length !== over.length || sum !== extent) {
    throw invalid(
      whole,
      `sizes [${parts}] are not ${over.length} pieces of the ${extent} elements of axis ${axis}.`,
      'give a size of at least 1 for each device, or leave them out.',
    );
  }
  let begin = 0;
  return parts.map((size) => {
    const range = { begin, size };
    begin += size;
    return range;
  });
}

/** Sizes that differ by at most 1, the larger ones first. */
const evenSizes = (extent: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor((extent + count - 1 - i) / count));

function moved(whole: Variable, device: string, beside: Variable | undefined): Variable {
  const { name, dtype, shape, trainable } = whole;
  const options = { name, dtype, shape, trainable, ...(beside ? { beside } : {}) };
  return made(device, () => variable(whole.initial, options));
}

interface Piece {
  readonly axis: number;
  readonly range: AxisRange;
  readonly device: string;
  readonly beside: Variable | undefined;
}

function piece(whole: Variable, { axis, range, device, beside }: Piece): Variable {
  const { dtype, shape, trainable } = whole;
  const axes = shape.map((_, i) => i);
  const { node } = whole.initial;
  // Cut where the whole is made, so that each device is sent its piece only.
  const initial = withScope(
    { device: node.device, path: node.path, controls: [], region: undefined },
    () =>
      slice(whole.initial, {
        begin: axes.map((i) => (i === axis ? range.begin : 0)),
        size: axes.map((i) => (i === axis ? range.size : (shape[i] as number))),
      }),
  );
  const places = axes.map((i) => (i === axis ? `${range.begin}:${range.begin + range.size}` : ':'));
  const name = `${whole.name}[${places.join(', ')}]`;
  const pieceShape = withSize(shape, axis, range.size);
  const options = { name, dtype, shape: pieceShape, trainable, ...(beside ? { beside } : {}) };
  return made(device, () => variable(initial, options));
}

const made = (device: string, make: () => Variable): Variable =>
  withScope({ device, path: '', controls: [], region: undefined }, make);

const invalid = ({ name }: Variable, what: string, fix: string): GraphError =>
  new GraphError('ATTRIBUTE_INVALID', name, { what, fix });
