import { z } from 'zod';
import { GraphError, nearest } from './errors.js';

/**
 * Reads options by a schema, defaults filled in. Errors: ATTRIBUTE_INVALID, naming the option and, for a misspelt one, the
 * nearest.
 */
export function parseOptions<S extends z.ZodType>(
  where: string,
  schema: S,
  given: unknown,
): z.output<S> {
  const parsed = parsedAt(where, schema, given ?? {});
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  // A misspelt option also makes one go missing; the misspelling is what to tell.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  throw optionError(where, issue as z.core.$ZodIssue, schema);
}

// Most schemas read a few options once: code that is compiled for them would cost more than it saves.
// They look names up, which fails with an error of its own; it should say whose option it was.
function parsedAt<S extends z.ZodType>(where: string, schema: S, given: unknown) {
  try {
    return schema.safeParse(given, { jitless: true });
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new GraphError(error.code, `${where}: ${error.where}`, {
      ...error.details,
      cause: error,
    });
  }
}

function optionError(where: string, issue: z.core.$ZodIssue, schema: z.ZodType): GraphError {
  if (issue.code === 'unrecognized_keys') {
    const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    const [key = ''] = issue.keys;
    const near = nearest(key, known);
    return new GraphError('ATTRIBUTE_INVALID', where, {
      what: `there is no option ${key}${near ? `; did you mean ${near}?` : '.'}`,
      fix: known.length ? `options: ${known.join(', ')}.` : 'it takes no options.',
    });
  }
  const path = issue.path.length ? `${issue.path.join('.')}: ` : '';
  return new GraphError('ATTRIBUTE_INVALID', where, { what: `${path}${issue.message}.` });
}
