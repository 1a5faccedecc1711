import { GraphError } from '../../errors.js';
import type { HostTensor, TensorData } from '../../graph/host-tensor.js';
import { type KnownShape, sameShape, shapesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { checkFedList, readFeed } from '../feeds.js';
import { type Fetched, type Fetches, flattenFetches, type Nest, nestingOf } from '../fetches.js';
import { BoundRun } from './bound-run.js';
import type { Runs } from './runs.js';

/** A prepared run: values of the placeholders in, values of the fetches out. */
export interface Callable<F extends Fetches> {
  (...values: readonly TensorData[]): Promise<Fetched<F>>;
  /** The same without a promise; all parts must run on one synchronous device. */
  readonly sync: (...values: readonly TensorData[]) => Fetched<F>;
  /** The run for values of these shapes, to be made part by part. Errors: FEED_INVALID, FEED_MISSING. */
  readonly bind: (shapes: readonly KnownShape[]) => BoundRun<Fetched<F>>;
}

// As many shapes as the batches of a few ragged sequences have.
const mostShapes = 8;

/** The runs of a callable, one for each of the shapes that were fed lately. What they give is known to the callable. */
class Prepared {
  private readonly runs: Runs;
  private readonly fetches: readonly Tensor[];
  private readonly feeds: readonly Tensor[];
  private readonly nest: Nest;
  private bound: BoundRun[] = [];

  constructor(runs: Runs, fetches: Fetches, feeds: readonly Tensor[]) {
    this.runs = runs;
    this.fetches = flattenFetches(fetches);
    checkFedList(feeds);
    this.feeds = [...feeds];
    this.nest = nestingOf(fetches);
  }

  async call(values: readonly TensorData[]): Promise<unknown> {
    const { runs } = this;
    return runs.queue.inTurn(async () => {
      const given = this.fitting(values);
      const run = this.latest();
      if (!run.isCompiled()) await run.compile();
      run.feed(given);
      return this.nest(await runs.run(run.program()));
    });
  }

  callNow(values: readonly TensorData[]): unknown {
    const { runs } = this;
    runs.queue.enter('runSync');
    try {
      const given = this.fitting(values);
      const run = this.latest();
      if (!run.isCompiled()) run.compileNow();
      run.feed(given);
      return this.nest(runs.runNow(run.program()));
    } finally {
      runs.queue.leave();
    }
  }

  /** The run for these shapes becomes the latest. */
  bind(shapes: readonly KnownShape[]): BoundRun {
    const { runs, fetches, nest, feeds } = this;
    this.checkCount(shapes.length);
    const known = this.bound.find(({ inputs }) =>
      inputs.every(({ shape }, i) => sameShape(shape, shapes[i] as KnownShape)),
    );
    if (!known) feeds.forEach((tensor, i) => checkShape(tensor, shapes[i] as KnownShape));
    return this.first(known ?? new BoundRun({ runs, fetches, nest, feeds, shapes }));
  }

  private first(run: BoundRun): BoundRun {
    this.bound = [run, ...this.bound.filter((other) => other !== run)].slice(0, mostShapes);
    return run;
  }

  private latest(): BoundRun {
    return this.bound[0] as BoundRun;
  }

  /** The values as the latest run takes them, which becomes the one of their shapes. */
  private fitting(values: readonly TensorData[]): readonly TensorData[] {
    this.checkCount(values.length);
    if (this.bound[0]?.fits(values)) return values;
    const known = this.bound.find((run) => run.fits(values));
    if (known) {
      this.first(known);
      return values;
    }
    const read: HostTensor[] = this.feeds.map((tensor, i) =>
      readFeed(tensor, values[i] as TensorData),
    );
    this.bind(read.map(({ shape }) => shape));
    return read;
  }

  private checkCount(count: number): void {
    if (count === this.feeds.length) return;
    throw new GraphError('FEED_MISSING', 'prepare', {
      what: `the run takes ${this.feeds.length} values, ${count} were given.`,
    });
  }
}

function checkShape(tensor: Tensor, shape: KnownShape): void {
  if (shapesAgree(tensor.shape, shape)) return;
  throw new GraphError('FEED_INVALID', 'bind', {
    what: `a value of shape [${shape.join(', ')}] does not fit.`,
    given: { placeholder: tensor },
  });
}

/** Makes the function that runs these fetches with values for these tensors. */
export function prepare<F extends Fetches>(
  runs: Runs,
  fetches: F,
  feeds: readonly Tensor[],
): Callable<F> {
  const prepared = new Prepared(runs, fetches, feeds);
  const call = (...values: readonly TensorData[]) => prepared.call(values);
  return Object.assign(call, {
    sync: (...values: readonly TensorData[]) => prepared.callNow(values),
    bind: (shapes: readonly KnownShape[]) => prepared.bind(shapes),
  }) as Callable<F>;
}
