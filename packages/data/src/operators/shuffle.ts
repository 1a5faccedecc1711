import { checkCount } from '../check-count.js';
import { type RowTable, rowSource } from '../elements/row-table.js';
import { checkSeed, type Draw, draws, freshSeed } from '../random/draws.js';
import { permuted } from '../random/permuted.js';
import type { Source } from '../source.js';

export interface ShuffleOptions {
  /** Decides the order; without one every dataset draws its own. */
  readonly seed?: number;
  /** Gives every pass another order; true when absent. */
  readonly reshuffleEachIteration?: boolean;
}

/**
 * Hands out elements drawn from a buffer of `bufferSize`, which is filled up from the source. A buffer as large as the
 * dataset (or `Infinity`) makes every order equally likely; a smaller one shuffles locally.
 */
export function shuffle<T>(
  source: Source<T>,
  bufferSize: number,
  options: ShuffleOptions = {},
): Source<T> {
  checkCount(bufferSize, 'the buffer size', { where: 'shuffle', endless: true });
  const { seed = freshSeed(), reshuffleEachIteration = true } = options;
  checkSeed(seed, 'shuffle');
  const drawsOf = (epoch: number): Draw => draws(seed, reshuffleEachIteration ? epoch : 0);
  const { rows } = source;
  if (rows && bufferSize >= rows.length) return shuffledRows(rows, drawsOf);
  return {
    size: source.size,
    iterate: (epoch) => buffered(source.iterate(epoch), bufferSize, drawsOf(epoch)),
  };
}

function shuffledRows<T>(rows: RowTable<T>, drawsOf: (epoch: number) => Draw): Source<T> {
  return rowSource({ ...rows, order: (epoch) => permuted(rows.order(epoch), drawsOf(epoch)) });
}

async function* buffered<T>(elements: AsyncIterable<T>, bufferSize: number, draw: Draw) {
  const buffer: T[] = [];
  for await (const element of elements) {
    if (buffer.length < bufferSize) {
      buffer.push(element);
      continue;
    }
    const chosen = draw(buffer.length);
    yield buffer[chosen] as T;
    buffer[chosen] = element;
  }
  while (buffer.length > 0) {
    const chosen = draw(buffer.length);
    const last = buffer.pop() as T;
    if (chosen === buffer.length) yield last;
    else {
      yield buffer[chosen] as T;
      buffer[chosen] = last;
    }
  }
}
