import { GraphError, type HostTensor } from '@tenon/core';
import type { ElementOf } from './elements/element.js';
import { leavesOf } from './elements/leaves.js';
import { type BatchOptions, batch } from './operators/batch.js';
import { concatenate } from './operators/concatenate.js';
import { type FilterFunction, filter } from './operators/filter.js';
import { type MapFunction, map } from './operators/map.js';
import { repeat } from './operators/repeat.js';
import { type ShuffleOptions, shuffle } from './operators/shuffle.js';
import { skip } from './operators/skip.js';
import { take } from './operators/take.js';
import { unbatch } from './operators/unbatch.js';
import { zip } from './operators/zip.js';
import type { Source } from './source.js';
import { type CsvElement, type CsvOptions, csv } from './sources/csv.js';
import { type AnyIterable, fromGenerator, type GeneratorOptions } from './sources/iterables.js';
import { range } from './sources/range.js';
import { type FromElement, fromValues } from './sources/values.js';

/** The element of a dataset. */
export type ElementIn<D> = D extends Dataset<infer T> ? T : never;

/**
 * A stream of elements that is computed as it is read and can be read again: every operator gives a new dataset and
 * leaves this one as it is. Each `for await` is one pass; passes are numbered, and shuffles differ from pass to pass.
 *
 * @example
 * const numbers = Dataset.range(10).filter((x) => x.item() % 2 === 0).batch(2);
 * for await (const pair of numbers) pair.array(); // [0, 2], then [4, 6], then [8]
 */
export class Dataset<T> implements AsyncIterable<T> {
  /** Where the elements come from; for those who write operators of their own: `new Dataset(operator(d.source))`. */
  readonly source: Source<T>;
  #passes = 0;

  constructor(source: Source<T>) {
    this.source = source;
  }

  /**
   * The rows of an array, of a tuple of arrays, or of a record of arrays (first axes of equal size), or the values of a
   * list or iterable. An array of numbers is one array, an array of nothing but arrays a tuple, any other array a list.
   * Rows share the memory of the arrays.
   * Errors: SHAPE_MISMATCH, VALUE_INVALID; STATE_INVALID on the second pass over an iterator that can not start again.
   *
   * @example
   * const examples = Dataset.from({ x: [[1, 2], [3, 4]], y: new Int32Array([0, 1]) });
   * const [first] = await examples.toArray(); // first.x is float32[2], first.y is int32[]
   */
  static from<const V extends object>(values: V): Dataset<FromElement<V>> {
    return new Dataset<FromElement<V>>(fromValues(values));
  }

  /**
   * What a generator function yields. It is called once for each pass.
   *
   * @example
   * const squares = Dataset.fromGenerator(function* () {
   *   for (let i = 0; i < 3; i++) yield { x: i, y: i * i };
   * });
   */
  static fromGenerator<V>(
    generator: () => AnyIterable<V>,
    options?: GeneratorOptions,
  ): Dataset<ElementOf<V>> {
    return new Dataset(fromGenerator(generator, options));
  }

  /** The integers `0 ... stop - 1`, or `start, start + step, ...` before `stop`, as int32. Errors: ATTRIBUTE_INVALID. */
  static range(stop: number): Dataset<HostTensor>;
  static range(start: number, stop: number, step?: number): Dataset<HostTensor>;
  static range(first: number, stop?: number, step = 1): Dataset<HostTensor> {
    return new Dataset(stop === undefined ? range(0, first, step) : range(first, stop, step));
  }

  /**
   * The rows of a CSV file (a path or file URL; Node only) or of `{ text }`. Numeric columns are float32 unless `dtypes`
   * says otherwise, others are strings. With `label`, elements are `[features, label]`.
   * Errors, on the first pass: FORMAT_INVALID, VALUE_INVALID, NAME_UNKNOWN, DTYPE_MISMATCH, FILE_NOT_FOUND; at once:
   * ATTRIBUTE_INVALID.
   *
   * @example
   * const text = 'width,height,kind\n1,2,0\n3,4,1\n';
   * const rows = Dataset.csv({ text }, { label: 'kind', features: 'vector', dtypes: { kind: 'int32' } });
   * const [[x, y]] = await rows.batch(2).toArray(); // x is float32[2, 2], y is int32[2]
   */
  static csv<const O extends CsvOptions = object>(
    file: string | URL | { readonly text: string },
    options?: O,
  ): Dataset<CsvElement<O>> {
    return new Dataset(csv<CsvElement<O>>(file, options));
  }

  /**
   * Datasets side by side, as a tuple or record; as long as the shortest.
   *
   * @example
   * const pairs = Dataset.zip({ x: Dataset.range(3), y: Dataset.range(10, 13) });
   */
  static zip<
    const D extends readonly Dataset<unknown>[] | Readonly<Record<string, Dataset<unknown>>>,
  >(datasets: D): Dataset<{ -readonly [K in keyof D]: ElementIn<D[K]> }> {
    const leaves = leavesOf(datasets);
    const odd = leaves.find(({ value }) => !(value instanceof Dataset));
    if (odd || leaves.length === 0) {
      throw new GraphError('ATTRIBUTE_INVALID', 'Dataset.zip', {
        what: odd ? `'${odd.path}' is not a dataset.` : 'there is no dataset to zip.',
        fix: 'give a tuple or record of datasets.',
      });
    }
    const sources = leaves.map(({ value }) => (value as Dataset<unknown>).source);
    return new Dataset(zip(sources, datasets));
  }

  /** Number of elements of a pass: `Infinity` when it never ends, `null` while it is not known. */
  get size(): number | null {
    return this.source.size;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.pass(this.#passes++)[Symbol.asyncIterator]();
  }

  /** The pass of a given number, whatever was read before: the way to resume where training stopped. */
  pass(epoch: number): AsyncIterable<T> {
    return this.source.iterate(epoch);
  }

  /** `y_i = fn(x_i, i)`, in order; promises are awaited and results read as elements. */
  map<U>(fn: MapFunction<T, U>): Dataset<ElementOf<U>> {
    return new Dataset(map(this.source, fn));
  }

  /** The elements for which `keep` gives true, or a promise of it. */
  filter(keep: FilterFunction<T>): Dataset<T> {
    return new Dataset(filter(this.source, keep));
  }

  /**
   * Successive elements stacked, `size` at a time; the last batch can be smaller. Shapes: [...] -> [size, ...].
   * Errors: SHAPE_MISMATCH (ragged shapes), DTYPE_MISMATCH (mixed dtypes), VALUE_INVALID (strings, unlike structures).
   */
  batch(size: number, options?: BatchOptions): Dataset<T> {
    return new Dataset(batch(this.source, size, options));
  }

  /** The rows of each element; undoes `batch`. Shapes: [size, ...] -> [...]. Errors: SHAPE_MISMATCH, VALUE_INVALID. */
  unbatch(): Dataset<T> {
    return new Dataset(unbatch(this.source));
  }

  /**
   * Elements drawn from a buffer of `bufferSize` that is refilled in order; `Infinity` shuffles all of them. The same
   * seed and pass give the same order. Errors: ATTRIBUTE_INVALID.
   *
   * @example
   * const epochs = Dataset.range(100).shuffle(Infinity, { seed: 1 }).batch(10);
   */
  shuffle(bufferSize: number, options?: ShuffleOptions): Dataset<T> {
    return new Dataset(shuffle(this.source, bufferSize, options));
  }

  /** All elements `count` times, without end when absent; each time shuffles anew. Errors: ATTRIBUTE_INVALID. */
  repeat(count?: number): Dataset<T> {
    return new Dataset(repeat(this.source, count));
  }

  /** The first `count` elements. Errors: ATTRIBUTE_INVALID. */
  take(count: number): Dataset<T> {
    return new Dataset(take(this.source, count));
  }

  /** All but the first `count` elements. Errors: ATTRIBUTE_INVALID. */
  skip(count: number): Dataset<T> {
    return new Dataset(skip(this.source, count));
  }

  /** These elements, then those of the other dataset. */
  concatenate<U>(other: Dataset<U>): Dataset<T | U> {
    return new Dataset(concatenate(this.source, other.source));
  }

  /** All elements of one pass. Errors: STATE_INVALID when there is no end to them. */
  async toArray(): Promise<T[]> {
    if (this.size === Number.POSITIVE_INFINITY) {
      throw new GraphError('STATE_INVALID', 'toArray', {
        what: 'the dataset never ends.',
        fix: 'take(count) of it first.',
      });
    }
    const elements: T[] = [];
    for await (const element of this) elements.push(element);
    return elements;
  }
}
