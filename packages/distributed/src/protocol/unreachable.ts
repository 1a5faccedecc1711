import { ClusterError } from './cluster-error.js';

/** A call that has failed on its way: who was called may not have heard of it, and its answer may have been lost. */
export class UnreachableError extends ClusterError {}

export const isUnreachable = (error: unknown): error is UnreachableError =>
  error instanceof UnreachableError;
