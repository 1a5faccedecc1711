import type { ClusterSpec } from '../cluster-spec.js';
import type { Environment } from '../environment.js';
import type { TaskIdentity } from '../task.js';

/** What a reader may look at. */
export interface ReaderInput {
  readonly environment: Environment;
  /** The name of this host, as the operating system has it. */
  readonly hostname: string;
  /** The bytes of a file that a variable names. */
  readonly readFile: (path: string) => Uint8Array;
}

/** A cluster that a reader found; `task` is undefined for a process that stands outside of it, such as a client. */
export interface ReadCluster {
  /** The variables or the file that gave it. */
  readonly source: string;
  readonly cluster: ClusterSpec;
  readonly task: TaskIdentity | undefined;
}

/** Recognises one way to describe a cluster; undefined where the environment is not of that kind. Errors: CLUSTER_INVALID. */
export type ClusterReader = (input: ReaderInput) => ReadCluster | undefined;
