import { type ErrorCode, errorCodes, GraphError } from '@tenon/core';
import type { Failure } from './gen/distributed_pb.js';

interface ClusterErrorDetails {
  readonly what: string;
  readonly fix?: string | undefined;
  readonly cause?: unknown;
  /** The process in which it came up: `/job:worker/replica:0/task:1`. */
  readonly worker: string;
}

/** An error that came up in a process of the cluster. `where` names the node. */
export class ClusterError extends GraphError {
  readonly worker: string;
  /** What is wrong, without the worker. */
  readonly reason: string;

  constructor(code: ErrorCode, where: string, { what, fix, cause, worker }: ClusterErrorDetails) {
    super(code, where, {
      what: `${what} On ${worker}.`,
      ...(fix ? { fix } : {}),
      ...(cause === undefined ? {} : { cause }),
    });
    this.worker = worker;
    this.reason = what;
  }
}

/** An error with the process in which it came up; errors that name one already stay as they are. */
export function clusterError(error: unknown, worker: string, where = 'run'): ClusterError {
  if (error instanceof ClusterError) return error;
  if (error instanceof GraphError) {
    const { what, fix } = error.details;
    return new ClusterError(error.code, error.where, { what, fix, cause: error, worker });
  }
  const what = error instanceof Error ? error.message : String(error);
  return new ClusterError('RUN_FAILED', where, { what, cause: error, worker });
}

/** An error as it travels. */
export function failureOf(error: unknown, worker: string): Omit<Failure, '$typeName'> {
  const { code, where, reason, details, worker: origin } = clusterError(error, worker);
  return { code, where, what: reason, fix: details.fix ?? '', worker: origin };
}

/** The error that travelled. */
export function errorOf({
  code,
  where,
  what,
  fix,
  worker,
}: Omit<Failure, '$typeName'>): ClusterError {
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'RUN_FAILED';
  return new ClusterError(known, where, { what, fix, worker });
}
