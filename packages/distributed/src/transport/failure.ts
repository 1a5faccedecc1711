import { type ErrorCode, errorCodes, GraphError } from '@tenon/core';
import { z } from 'zod';

/** An error on its way to another process. */
export interface Failure {
  readonly code: ErrorCode;
  readonly where: string;
  readonly what: string;
  readonly fix?: string | undefined;
}

const maxText = 8192;
const text = z.string().transform((value) => value.slice(0, maxText));

const failureSchema = z.object({
  // A newer peer may know codes that this version does not.
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]).catch('RUN_FAILED'),
  where: text,
  what: text,
  fix: text.optional(),
});

/** What the receiver is told of an error. Whatever is no GraphError counts as RUN_FAILED; stacks stay here. */
export function failureOf(error: unknown): Failure {
  if (error instanceof GraphError) {
    const { what, fix } = error.details;
    return failureSchema.parse({ code: error.code, where: error.where, what, fix });
  }
  const what = error instanceof Error ? error.message : String(error);
  return failureSchema.parse({ code: 'RUN_FAILED', where: 'worker', what });
}

/** The error that a peer told of, with the peer's name. Errors: FORMAT_INVALID. */
export function errorOf(failure: unknown, worker: string): GraphError {
  const parsed = failureSchema.safeParse(failure);
  if (!parsed.success) {
    return new GraphError('FORMAT_INVALID', `worker ${worker}`, {
      what: 'it answered with an error that cannot be read.',
      cause: parsed.error,
    });
  }
  const { code, where, what, fix } = parsed.data;
  return new GraphError(code, `worker ${worker}: ${where}`, {
    what,
    ...(fix === undefined ? {} : { fix }),
  });
}

/** The error of a peer that cannot be reached, or no longer. */
export const unavailable = (worker: string, what: string, cause?: unknown): GraphError =>
  new GraphError('UNAVAILABLE', 'receive', {
    what: `worker ${worker} ${what}`,
    fix: 'see whether its process runs and whether its address in the cluster is right.',
    cause,
  });
