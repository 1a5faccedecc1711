import { type ErrorCode, errorCodes } from '@tenon/core';
import { z } from 'zod';
import { ClusterError, failureOf as described } from '../protocol/cluster-error.js';

const maxText = 8192;
const text = z.string().transform((value) => value.slice(0, maxText));

const failureSchema = z.object({
  // A newer peer may know codes that this version does not.
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]).catch('RUN_FAILED'),
  where: text,
  what: text,
  fix: text.default(''),
  worker: text.default(''),
});

/** An error on its way to another process: the `Failure` of the protocol, of bounded length. */
export type WireFailure = z.infer<typeof failureSchema>;

/** What the receiver is told of an error of `worker`, or of the worker that the error names. Stacks stay here. */
export const failureOf = (error: unknown, worker: string): WireFailure =>
  failureSchema.parse(described(error, worker));

/** The error that a peer told of; it is the peer's own where it names no other. Errors: FORMAT_INVALID. */
export function errorOf(failure: unknown, peer: string): ClusterError {
  const parsed = failureSchema.safeParse(failure);
  if (!parsed.success) {
    return new ClusterError('FORMAT_INVALID', 'receive', {
      what: 'it answered with an error that cannot be read.',
      cause: parsed.error,
      worker: peer,
    });
  }
  const { code, where, what, fix, worker } = parsed.data;
  return new ClusterError(code, where || 'receive', { what, fix, worker: worker || peer });
}

/** The error of a peer that cannot be reached, or no longer. */
export const unavailable = (worker: string, what: string, cause?: unknown): ClusterError =>
  new ClusterError('UNAVAILABLE', 'receive', {
    what: `worker ${worker} ${what}`,
    fix: 'see whether its process runs and whether its address in the cluster is right.',
    cause,
    worker,
  });
