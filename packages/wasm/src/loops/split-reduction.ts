import type { Affine, Buffer, Combine, DType, Expression, Kernel, Statement } from '@tenon/core';
import { dtypes } from '@tenon/core';
import { accumulated, identityOf } from './combine.js';
import { moved } from './moved.js';

type For = Extract<Statement, { kind: 'for' }>;
type Accumulate = Extract<Statement, { kind: 'accumulate' }>;

/** A reduction as kernels one after the other, with a barrier before the last. */
export interface SplitReduction {
  /** Partial results of chunks; kernels of the same buffers as the original, and after them the partial results. */
  readonly partial: readonly Kernel[];
  /** Combines the chunks in their order and does what follows the reduction. */
  readonly combining: Kernel;
  /** Bytes of each buffer of partial results. */
  readonly bytes: readonly number[];
}

// Sums in one chunk stay short enough to be exact; chunks are enough for many threads.
const longReduction = 4096;
const chunkElements = 1024;
const mostChunks = 64;
const mostResults = 2048;

/**
 * Splits a long reduction with few results into chunks that depend on its sizes alone, so that threads share it and the sum is the
 * same for any number of them. Null where it is short, or not of the form: sets, one nest of loops that accumulate, the rest.
 */
export function splitReduction(kernel: Kernel): SplitReduction | null {
  const found = reductionOf(kernel);
  if (!found) return null;
  const { kept, loop, axes } = found;
  const extent = (axis: number): number => (kernel.axes[axis] as Kernel['axes'][number]).extent;
  const product = (list: readonly number[]): number =>
    list.reduce((all, axis) => all * extent(axis), 1);
  const elements = product(axes);
  const results = product(kept);
  if (elements < longReduction || results > mostResults || results === 0) return null;
  const axis = axes.reduce((a, b) => (extent(b) > extent(a) ? b : a));
  const wanted = Math.min(mostChunks, Math.floor(elements / chunkElements), extent(axis));
  const size = Math.ceil(extent(axis) / wanted);
  const chunks = Math.ceil(extent(axis) / size);
  if (chunks < 2) return null;
  const split = { axis, size, chunks, results, kept, loop };
  const sums = accumulationsIn(loop.body);
  const rest = extent(axis) - (chunks - 1) * size;
  const registers = [...new Map(sums.map((sum) => [sum.register, sum])).values()];
  const writer = new Splitter(kernel, found, { ...split, registers });
  return {
    partial: [
      writer.partial({ first: 0, count: chunks - 1, size }),
      writer.partial({ first: chunks - 1, count: 1, size: rest }),
    ],
    combining: writer.combining(),
    bytes: registers.map(
      ({ register }) => chunks * results * dtypes[writer.dtypeOf(register)].bytes,
    ),
  };
}

interface Reduction {
  /** Axes of the loops around. */
  readonly kept: readonly number[];
  readonly before: readonly Statement[];
  readonly loop: For;
  /** Axes of the loop and those inside. */
  readonly axes: readonly number[];
  readonly after: readonly Statement[];
}

function reductionOf({ axes, body }: Kernel): Reduction | null {
  const kept: number[] = [];
  let statements = body;
  for (;;) {
    const [only] = statements;
    if (statements.length !== 1 || only?.kind !== 'for' || axes[only.axis]?.role === 'reduce')
      break;
    kept.push(only.axis);
    statements = only.body;
  }
  const loops = statements.filter((one): one is For => one.kind === 'for');
  const [loop] = loops;
  if (loops.length !== 1 || !loop || axes[loop.axis]?.role !== 'reduce') return null;
  const at = statements.indexOf(loop);
  const [before, after] = [statements.slice(0, at), statements.slice(at + 1)];
  if (before.some(({ kind }) => kind !== 'set') || !onlyAccumulates(loop.body)) return null;
  return { kept, before, loop, axes: axesIn(loop), after };
}

const onlyAccumulates = (body: readonly Statement[]): boolean =>
  body.every((one) =>
    one.kind === 'for'
      ? onlyAccumulates(one.body)
      : one.kind === 'accumulate' || one.kind === 'set',
  );

const axesIn = ({ axis, body }: For): number[] => [
  axis,
  ...body.flatMap((one) => (one.kind === 'for' ? axesIn(one) : [])),
];

const accumulationsIn = (body: readonly Statement[]): Accumulate[] =>
  body.flatMap((one) => {
    if (one.kind === 'for') return accumulationsIn(one.body);
    return one.kind === 'accumulate' ? [one] : [];
  });

interface Split {
  readonly axis: number;
  readonly size: number;
  readonly chunks: number;
  readonly results: number;
  readonly registers: readonly { readonly register: number; readonly combine: Combine }[];
}

interface Chunks {
  readonly first: number;
  readonly count: number;
  readonly size: number;
}

class Splitter {
  private readonly kernel: Kernel;
  private readonly found: Reduction;
  private readonly split: Split;
  /** Of the axis of chunks. */
  private readonly chunk: number;

  constructor(kernel: Kernel, found: Reduction, split: Split) {
    this.kernel = kernel;
    this.found = found;
    this.split = split;
    this.chunk = kernel.axes.length;
  }

  dtypeOf(register: number): DType {
    return accumulated((this.kernel.registers[register] as { dtype: DType }).dtype);
  }

  partial({ first, count, size }: Chunks): Kernel {
    const { kernel, found, split } = this;
    const inner = (index: Affine): Affine => {
      const stride = (index.strides[split.axis] ?? 0) * split.size;
      return {
        offset: index.offset + first * stride,
        strides: [...index.strides, stride],
      };
    };
    const sums = new Map(split.registers.map((sum) => [sum.register, sum]));
    const starts = found.before.map((one): Statement => {
      const sum = one.kind === 'set' ? sums.get(one.register) : undefined;
      if (one.kind !== 'set' || !sum) return moved(one, inner);
      const dtype = (kernel.registers[one.register] as { dtype: DType }).dtype;
      const value: Expression = { kind: 'const', dtype, value: identityOf(sum.combine, dtype) };
      return { ...one, value };
    });
    const stores = split.registers.map(({ register }, i): Statement => {
      const dtype = this.dtypeOf(register);
      return {
        kind: 'store',
        buffer: kernel.buffers.length + i,
        index: { ...this.place(), offset: first * split.results },
        value: { kind: 'register', register, dtype },
      };
    });
    const body = [...starts, moved(found.loop, inner), ...stores];
    return {
      axes: [
        ...kernel.axes.map((axis, a) => (a === split.axis ? { ...axis, extent: size } : axis)),
        { extent: count, role: 'parallel' },
      ],
      buffers: [...kernel.buffers, ...this.buffers('write')],
      registers: kernel.registers,
      body: nested([this.chunk, ...found.kept], body),
    };
  }

  combining(): Kernel {
    const { kernel, found, split } = this;
    const same = (index: Affine): Affine => ({ ...index, strides: [...index.strides, 0] });
    const loads = split.registers.map(({ register, combine }, i): Statement => {
      const dtype = this.dtypeOf(register);
      const buffer = kernel.buffers.length + i;
      const value: Expression = {
        kind: 'load',
        buffer,
        dtype,
        index: this.place(),
        bounds: [],
        otherwise: 0,
      };
      return { kind: 'accumulate', register, combine, value };
    });
    const body: Statement[] = [
      ...found.before.map((one) => moved(one, same)),
      { kind: 'for', axis: this.chunk, body: loads },
      ...found.after.map((one) => moved(one, same)),
    ];
    return {
      axes: [...kernel.axes, { extent: split.chunks, role: 'reduce' }],
      buffers: [...kernel.buffers, ...this.buffers('read')],
      registers: kernel.registers,
      body: nested(found.kept, body),
    };
  }

  private buffers(access: 'read' | 'write'): Buffer[] {
    return this.split.registers.map(({ register }) => ({ dtype: this.dtypeOf(register), access }));
  }

  /** Where a partial result lies: [chunk, ...kept]. */
  private place(): Affine {
    const strides = [...this.kernel.axes.map(() => 0), this.split.results];
    let stride = 1;
    for (const axis of [...this.found.kept].reverse()) {
      strides[axis] = stride;
      stride *= (this.kernel.axes[axis] as { extent: number }).extent;
    }
    return { offset: 0, strides };
  }
}

const nested = (axes: readonly number[], body: readonly Statement[]): readonly Statement[] =>
  axes.reduceRight<readonly Statement[]>(
    (inside, axis) => [{ kind: 'for', axis, body: inside }],
    body,
  );
