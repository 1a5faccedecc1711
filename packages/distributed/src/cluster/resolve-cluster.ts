import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { clusterError } from './cluster-error.js';
import { type Environment, readCount, readVariable } from './environment.js';
import { type ClusterReaderName, clusterReaders } from './readers/index.js';
import { readClusterText } from './readers/own-json.js';
import type { ReadCluster, ReaderInput } from './readers/reader.js';
import { checkTask, type TaskIdentity } from './task.js';

/** What a command line may say beside the environment; it comes first. */
export interface ResolveOptions extends Partial<Omit<ReaderInput, 'environment'>> {
  /** JSON of a cluster, or the path of a file: `--cluster`. */
  readonly cluster?: string;
  /** `--job`, with `task`. */
  readonly job?: string;
  /** `--task`, with `job`. */
  readonly task?: number;
}

/** A cluster, where its description came from, and which of its tasks this process is. */
export interface ResolvedCluster extends ReadCluster {
  readonly reader: ClusterReaderName | 'options';
}

/**
 * The cluster that the options or the environment describe: the first reader that recognises its variables answers; undefined
 * where none does. `--job` and `--task`, or `TENON_JOB` and `TENON_TASK`, say which task this is, before what the reader says.
 * Errors: CLUSTER_INVALID, FILE_NOT_FOUND.
 */
export function resolveCluster(
  environment: Environment,
  options: ResolveOptions = {},
): ResolvedCluster | undefined {
  const input: ReaderInput = {
    environment,
    hostname: options.hostname ?? hostname(),
    readFile: options.readFile ?? readFileSync,
  };
  const named = namedTask(environment, options);
  const found = findCluster(input, options.cluster);
  if (found) {
    return named ? { ...found, task: checkTask(found.cluster, named.task, named.source) } : found;
  }
  if (!named) return undefined;
  throw clusterError(
    named.source,
    `it names ${named.task.job} ${named.task.task}, but nothing describes the cluster.`,
    {
      fix: 'give --cluster spec.json, or set TENON_CLUSTER to JSON or a path.',
    },
  );
}

function findCluster(input: ReaderInput, cluster: string | undefined): ResolvedCluster | undefined {
  if (cluster !== undefined) {
    const text = cluster.trim();
    const source = text.startsWith('{') ? '--cluster' : text;
    return {
      reader: 'options',
      source,
      cluster: readClusterText(text, '--cluster', input),
      task: undefined,
    };
  }
  for (const [name, read] of Object.entries(clusterReaders)) {
    const found = read(input);
    if (found) return { reader: name as ClusterReaderName, ...found };
  }
  return undefined;
}

/** Job and task come together from one place, so that a variable left over cannot mix with an option. */
function namedTask(
  environment: Environment,
  options: ResolveOptions,
): { source: string; task: TaskIdentity } | undefined {
  return (
    bothOf('--job and --task', options.job, options.task) ??
    bothOf(
      'TENON_JOB and TENON_TASK',
      readVariable(environment, 'TENON_JOB'),
      readCount(environment, 'TENON_TASK'),
    )
  );
}

function bothOf(source: string, job: string | undefined, task: number | undefined) {
  if (job === undefined && task === undefined) return undefined;
  if (job !== undefined && task !== undefined) return { source, task: { job, task } };
  throw clusterError(source, `only the ${job === undefined ? 'task' : 'job'} is given.`, {
    fix: 'give both, or neither where the environment says it.',
  });
}
