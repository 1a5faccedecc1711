import { GraphError } from '@tenon/core';

/** An error of a cluster's description: `source` is the file or variable that the text came from. */
export const clusterError = (
  source: string,
  what: string,
  { fix, cause }: { readonly fix?: string; readonly cause?: unknown } = {},
): GraphError =>
  new GraphError('CLUSTER_INVALID', source, {
    what,
    ...(fix === undefined ? {} : { fix }),
    ...(cause === undefined ? {} : { cause }),
  });
