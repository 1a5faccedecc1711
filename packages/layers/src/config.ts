import { GraphError, nearest } from '@tenon/core';
import { z } from 'zod';

/** Looks a name up, in camelCase or snake_case. Errors: NAME_UNKNOWN, with the nearest. */
export function named<T>(table: ReadonlyMap<string, T>, name: string, what: string): T {
  const found = table.get(name) ?? table.get(spelling(name)) ?? lookAlike(table, name);
  if (found !== undefined) return found;
  const near = nearest(name, table.keys());
  throw new GraphError('NAME_UNKNOWN', what, {
    what: `there is no ${what} "${name}"${near ? `; did you mean "${near}"?` : '.'}`,
    fix: `known: ${[...table.keys()].join(', ')}.`,
  });
}

const spelling = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const plain = (name: string): string => name.replaceAll('_', '').toLowerCase();

function lookAlike<T>(table: ReadonlyMap<string, T>, name: string): T | undefined {
  for (const [key, value] of table) if (plain(key) === plain(name)) return value;
  return undefined;
}

/** A positive integer, or one for each of `n` axes. */
export const perAxis = (n: number) =>
  z.union([
    z
      .int()
      .min(1)
      .transform((size) => new Array<number>(n).fill(size)),
    z.array(z.int().min(1)).length(n),
  ]);

export const padding = z.enum(['valid', 'same']);

/** Where the channels of an image stand, in either spelling. */
export const dataFormat = z
  .enum(['channelsLast', 'channelsFirst', 'channels_last', 'channels_first'])
  .transform((format) => (format.endsWith('irst') ? 'channelsFirst' : 'channelsLast'));
