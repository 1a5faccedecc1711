import type { ClusterError } from '../src/index.js';

/** The error that a promise fails with. */
export async function failure(promise: Promise<unknown>): Promise<ClusterError> {
  try {
    await promise;
  } catch (error) {
    return error as ClusterError;
  }
  throw new Error('it has not failed.');
}
