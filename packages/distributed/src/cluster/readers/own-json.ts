import { GraphError, readJson } from '@tenon/core';
import { clusterError } from '../cluster-error.js';
import { type ClusterSpec, checkClusterSpec } from '../cluster-spec.js';
import { readVariable } from '../environment.js';
import type { ClusterReader, ReaderInput } from './reader.js';

/**
 * `TENON_CLUSTER`: a cluster as JSON, `{"worker": ["host:2222"]}`, or the path of a file that holds it. The task comes from
 * `TENON_JOB` and `TENON_TASK`. Errors: CLUSTER_INVALID, FILE_NOT_FOUND.
 */
export const ownJson: ClusterReader = (input) => {
  const text = readVariable(input.environment, 'TENON_CLUSTER');
  if (text === undefined) return undefined;
  const source = text.startsWith('{') ? 'TENON_CLUSTER' : text;
  return { source, cluster: readClusterText(text, 'TENON_CLUSTER', input), task: undefined };
};

/** A cluster from JSON text, or from the file at a path that `source` gave. Errors: CLUSTER_INVALID, FILE_NOT_FOUND. */
export function readClusterText(
  text: string,
  source: string,
  { readFile }: Pick<ReaderInput, 'readFile'>,
): ClusterSpec {
  if (text.startsWith('{')) return clusterOf(new TextEncoder().encode(text), source);
  let bytes: Uint8Array;
  try {
    bytes = readFile(text);
  } catch (cause) {
    throw new GraphError('FILE_NOT_FOUND', source, {
      what: `the file ${text} cannot be read: ${(cause as Error).message}.`,
      fix: 'give the path of a JSON file, or the JSON itself, beginning with {.',
      cause,
    });
  }
  return clusterOf(bytes, text);
}

const clusterOf = (bytes: Uint8Array, source: string): ClusterSpec =>
  checkClusterSpec(readClusterJson(bytes, source), source);

/** JSON with the errors of clusters. */
export function readClusterJson(bytes: Uint8Array, source: string): unknown {
  try {
    return readJson(bytes, source);
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    throw clusterError(source, cause.details.what, {
      fix: 'write {"worker": ["host-a:2222", "host-b:2222"]}.',
      cause,
    });
  }
}
