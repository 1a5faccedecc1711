import { type ErrorCode, GraphError } from '@tenon/core';

/** The code of the error that a call throws; undefined when it throws none. */
export function codeOf(call: () => unknown): ErrorCode | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof GraphError) return error.code;
    throw error;
  }
  return undefined;
}

/** The error that a promise is rejected with. Anything else fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<GraphError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GraphError) return error;
    throw error;
  }
  throw new Error('the promise was not rejected');
}
