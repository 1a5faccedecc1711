import { sizeOf } from '../../graph/shape.js';
import { load, longestInside, nest } from '../../lower/kernel-builder.js';
import type { Affine, Axis, Buffer, Statement } from '../../lower/loop-ir.js';
import type { KnownSpec, Lowering } from '../../lower/lowering.js';

interface Join {
  /** The tensor that the parts make up along an axis. */
  readonly whole: KnownSpec;
  readonly parts: readonly KnownSpec[];
  readonly axis: number;
  /** From the parts to the whole, or back. */
  readonly direction: 'join' | 'split';
}

/** One kernel that copies between a tensor and its parts: for every part a run of elements in each row, or where that is short, a run of rows. */
export function joinKernel({ whole, parts, axis, direction }: Join): Lowering {
  const rows = sizeOf(whole.shape.slice(0, axis));
  const widths = parts.map(({ shape }) => sizeOf(shape.slice(axis)));
  const full = parts.map((_, part) => part).filter((part) => (widths[part] as number) > 0);
  const axes: Axis[] = [rows, ...full.map((part) => widths[part] as number)].map((extent) => ({
    extent,
    role: 'parallel',
  }));
  const joins = direction === 'join';
  const rowWidth = sizeOf(whole.shape.slice(axis));
  const buffers = (specs: readonly KnownSpec[], access: 'read' | 'write'): Buffer[] =>
    specs.map(({ dtype }) => ({ dtype, access }));
  const inside = (i: number, { width, offset }: { width: number; offset: number }): Affine => ({
    offset,
    strides: axes.map((_, a) => (a === 0 ? width : a === i + 1 ? 1 : 0)),
  });
  const body = full.flatMap((part, i): readonly Statement[] => {
    const width = widths[part] as number;
    const before = widths.slice(0, part).reduce((sum, size) => sum + size, 0);
    const [own, shared] = [
      inside(i, { width, offset: 0 }),
      inside(i, { width: rowWidth, offset: before }),
    ];
    const store: Statement = {
      kind: 'store',
      buffer: joins ? parts.length : part + 1,
      index: joins ? shared : own,
      value: joins ? load(part, whole.dtype, own) : load(0, whole.dtype, shared),
    };
    return nest(
      longestInside([rows, width]).map((axis) => (axis === 0 ? 0 : i + 1)),
      [store],
    );
  });
  return {
    kind: 'loop',
    kernel: {
      axes,
      buffers: joins
        ? [...buffers(parts, 'read'), ...buffers([whole], 'write')]
        : [...buffers([whole], 'read'), ...buffers(parts, 'write')],
      registers: [],
      body,
    },
  };
}
