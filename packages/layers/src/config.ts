import { GraphError, nearest } from '@tenon/core';
import { z } from 'zod';

/** Reads options by a schema, defaults filled in. Errors: ATTRIBUTE_INVALID, naming the option and, if misspelt, the nearest. */
export function parseConfig<S extends z.ZodType>(
  where: string,
  schema: S,
  given: unknown,
): z.output<S> {
  const parsed = parsedAt(where, schema, given ?? {});
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  // A misspelt option also makes one go missing; the misspelling is what to tell.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  throw configError(where, issue as z.core.$ZodIssue, schema);
}

// Schemas look names up, which fails with an error of its own; it should say whose option it was.
function parsedAt<S extends z.ZodType>(where: string, schema: S, given: unknown) {
  try {
    return schema.safeParse(given);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new GraphError(error.code, `${where}: ${error.where}`, {
      ...error.details,
      cause: error,
    });
  }
}

function configError(where: string, issue: z.core.$ZodIssue, schema: z.ZodType): GraphError {
  if (issue.code === 'unrecognized_keys') {
    const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    const [key = ''] = issue.keys;
    const near = nearest(key, known);
    return new GraphError('ATTRIBUTE_INVALID', where, {
      what: `there is no option ${key}${near ? `; did you mean ${near}?` : '.'}`,
      fix: `options: ${known.join(', ')}.`,
    });
  }
  const path = issue.path.length ? `${issue.path.join('.')}: ` : '';
  return new GraphError('ATTRIBUTE_INVALID', where, { what: `${path}${issue.message}.` });
}

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
