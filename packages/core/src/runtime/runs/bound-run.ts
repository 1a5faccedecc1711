import { GraphError } from '../../errors.js';
import { type DType, dtypes, type TypedArray } from '../../graph/dtype.js';
import { HostTensor, type TensorData } from '../../graph/host-tensor.js';
import { type KnownShape, sameShape, sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import type { KnownSpec } from '../../lower/lowering.js';
import type { Nest } from '../fetches.js';
import type { Compiled, Reader } from './compiled.js';
import type { Runs, Target } from './runs.js';

export interface BoundRunOptions {
  readonly runs: Runs;
  readonly fetches: readonly Tensor[];
  readonly nest: Nest;
  readonly feeds: readonly Tensor[];
  readonly shapes: readonly KnownShape[];
}

/**
 * A prepared run for fed values of certain shapes, in its parts: wait until `ready()` gives nothing, write the inputs, call
 * `run`, and `read` the results when they are wanted. A loop of many runs then allocates nothing, and copies each value once.
 *
 * @example
 * const x = placeholder({ shape: [null] });
 * const session = new Session();
 * const run = session.prepare(mul(x, 2), [x]).bind([[3]]);
 * for (let wait = run.ready(); wait; wait = run.ready()) await wait;
 * run.write(0, hostTensor([1, 2, 3]));
 * await run.run();
 * run.read().array(); // [2, 4, 6]
 * run.value(0)[2]; // 6, read where it lies
 */
export class BoundRun<R = unknown> implements Reader {
  /** Dtypes and shapes of the fed values in order. */
  readonly inputs: readonly KnownSpec[];
  private readonly runs: Runs;
  private readonly target: Target;
  private readonly nest: Nest;
  private readonly flats: readonly Flat[];
  private compiled: Compiled | undefined;
  /** Whether the last run has succeeded. */
  private done = false;
  /** Its results where they do not lie on the device any more. */
  private kept: readonly HostTensor[] | undefined;

  constructor({ runs, fetches, nest, feeds, shapes }: BoundRunOptions) {
    this.runs = runs;
    this.nest = nest;
    this.inputs = feeds.map(({ dtype }, i) => ({ dtype, shape: shapes[i] as KnownShape }));
    this.flats = feeds.map((tensor, i) => flatOf(tensor, shapes[i] as KnownShape));
    this.target = {
      fetches,
      feeds: new Map(feeds.map((tensor, i) => [tensor, shapes[i] as KnownShape])),
    };
  }

  /**
   * What to wait for before the next run: earlier runs of the session, or the compiler; undefined where it can start at once.
   * Errors: SESSION_CLOSED.
   */
  ready(): Promise<void> | undefined {
    const { queue } = this.runs;
    if (!queue.idle) return queue.settled();
    if (this.isCompiled()) return undefined;
    return this.compiling();
  }

  // Apart, because a function that makes a closure allocates whether it gets there or not.
  private compiling(): Promise<void> {
    return this.runs.queue.inTurn(() => this.compile());
  }

  /** The memory of fed value `index`, to be filled before `run`, nothing else in between; undefined where only `write` can. */
  input(index: number): TypedArray | undefined {
    return this.program().input(index);
  }

  /** Copies fed value `index`, which must have the dtype and shape of `inputs[index]`. */
  write(index: number, value: HostTensor): void {
    this.program().write(index, value);
  }

  /** Runs at once, or gives a promise where a device takes its time. Errors: STATE_INVALID before `ready`, and those of the ops. */
  run(): Promise<void> | void {
    const { runs } = this;
    const compiled = this.program();
    runs.queue.enter('run');
    this.done = false;
    this.kept = undefined;
    if (compiled.waitsBecause !== undefined) return this.runLater(compiled);
    try {
      this.finish(runs.runFor(this, compiled));
    } finally {
      runs.queue.leave();
    }
  }

  private runLater(compiled: Compiled): Promise<void> {
    const { runs } = this;
    return runs.queue.leaveAfter(runs.run(compiled).then((results) => this.finish(results)));
  }

  /** Results of the last run, as they were before its updates. Errors: STATE_INVALID where there are none, SESSION_CLOSED. */
  read(): R {
    this.checkDone();
    return this.nest(this.kept ?? (this.compiled as Compiled).readNow()) as R;
  }

  /**
   * The values of fetch `index` (in the order in which nested fetches are written) of the last run, where they lie: good until the
   * next run of the session. Errors: STATE_INVALID where there are none, SESSION_CLOSED.
   */
  value(index: number): TypedArray {
    this.checkDone();
    const kept = this.kept?.[index];
    if (kept) return kept.data;
    const compiled = this.compiled as Compiled;
    return compiled.output(index) ?? (compiled.readNow()[index] as HostTensor).data;
  }

  keep(): void {
    if (this.done) this.kept ??= (this.compiled as Compiled).readNow();
  }

  /** Whether values can be fed as they are. */
  fits(values: readonly TensorData[]): boolean {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as TensorData;
      const { dtype, shape } = this.inputs[i] as KnownSpec;
      const fits =
        value instanceof HostTensor
          ? value.dtype === dtype && sameShape(value.shape, shape)
          : fillsFlat(value, this.flats[i] as Flat);
      if (!fits) return false;
    }
    return true;
  }

  /** Writes values that fit. */
  feed(values: readonly TensorData[]): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as HostTensor | TypedArray;
      if (value instanceof HostTensor) this.write(i, value);
      else this.writeFlat(i, value);
    }
  }

  isCompiled(): boolean {
    if (this.compiled === undefined || this.compiled.freed) return false;
    this.compiled.used = true;
    return true;
  }

  async compile(): Promise<void> {
    if (!this.isCompiled()) this.compiled = await this.runs.compiled(this.target);
  }

  compileNow(): void {
    if (!this.isCompiled()) this.compiled = this.runs.compiledNow(this.target);
  }

  /** Its program. Errors: STATE_INVALID while there is none. */
  program(): Compiled {
    const { compiled } = this;
    if (compiled && !compiled.freed) return compiled;
    this.runs.queue.checkOpen();
    throw new GraphError('STATE_INVALID', 'run', {
      what: 'the run is not compiled yet, or not any more.',
      fix: 'wait for ready() until it gives nothing.',
    });
  }

  private checkDone(): void {
    this.runs.queue.checkOpen();
    if (this.done) return;
    throw new GraphError('STATE_INVALID', 'read', {
      what: 'there are no results: nothing was run, or the last run has failed.',
      fix: 'call run() first, and await what it gives.',
    });
  }

  private finish(results: readonly HostTensor[] | undefined): void {
    this.kept = results;
    this.done = true;
  }

  private writeFlat(index: number, values: TypedArray): void {
    const { dtype, shape } = this.inputs[index] as KnownSpec;
    const memory = this.input(index);
    if (memory) (memory as Float32Array).set(values as Float32Array);
    else this.write(index, new HostTensor(values, shape, dtype));
  }
}

/** The typed array that fills a fed value without being converted. */
interface Flat {
  readonly array: (typeof dtypes)[DType]['host'] | undefined;
  readonly size: number;
}

// Of a bool every number is allowed, half precision is rounded; and the length decides the shape only if one size is open.
function flatOf({ dtype, shape }: Tensor, known: KnownShape): Flat {
  const { host, device } = dtypes[dtype];
  const open = shape.filter((size) => size === null).length;
  const decided = open === 0 || (open === 1 && !shape.includes(0));
  const same = host === device && dtype !== 'bool' && decided;
  return { array: same ? host : undefined, size: sizeOf(known) };
}

const fillsFlat = (value: TensorData, { array, size }: Flat): boolean =>
  array !== undefined && value instanceof array && value.length === size;
