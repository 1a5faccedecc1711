import { status } from '@grpc/grpc-js';
import { ClusterError } from './cluster-error.js';

/** Whether a call has failed on its way: who was called may not have heard of it, and its answer may have been lost. */
export const isUnreachable = (error: unknown): error is ClusterError =>
  error instanceof ClusterError &&
  (error.cause as { code?: unknown } | undefined)?.code === status.UNAVAILABLE;
