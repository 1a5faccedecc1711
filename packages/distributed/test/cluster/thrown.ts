import { GraphError } from '@tenon/core';

/** The error that a call throws, as `CODE where: what` on one line; fails where it throws none of ours. */
export function thrown(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    return `${error.code} ${error.where}: ${error.details.what}`;
  }
  throw new Error('it did not throw');
}

/** How the error that a call throws says it is put right. */
export function fixOf(call: () => unknown): string | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof GraphError) return error.details.fix;
    throw error;
  }
  throw new Error('it did not throw');
}
