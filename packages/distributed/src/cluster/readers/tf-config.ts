import { z } from 'zod';
import { clusterError } from '../cluster-error.js';
import { type ClusterSpec, checkClusterSpec } from '../cluster-spec.js';
import { readVariable } from '../environment.js';
import { checkTask, type TaskIdentity } from '../task.js';
import { readClusterJson } from './own-json.js';
import type { ClusterReader } from './reader.js';

const variable = 'TF_CONFIG';

// Launchers add keys of their own (job, environment, rpc_layer): only these two describe the cluster.
const schema = z.object({
  cluster: z.record(z.string(), z.unknown()).optional(),
  task: z
    .object({
      type: z.string().min(1),
      index: z.union([z.int().min(0), z.string().regex(/^\d+$/).transform(Number)]),
    })
    .optional(),
});

/**
 * `TF_CONFIG` as TensorFlow reads it: `{"cluster": {...}, "task": {"type": "worker", "index": 0}}`; a job is a list of addresses
 * or a map from task numbers. Source: tf.distribute.cluster_resolver.TFConfigClusterResolver. Errors: CLUSTER_INVALID.
 */
export const tfConfig: ClusterReader = ({ environment }) => {
  const text = readVariable(environment, variable);
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(readClusterJson(new TextEncoder().encode(text), variable));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw clusterError(variable, `${issue?.path.join('.') || 'the value'}: ${issue?.message}.`, {
      fix: 'write {"cluster": {"worker": ["host:2222"]}, "task": {"type": "worker", "index": 0}}.',
    });
  }
  const { cluster: jobs = {}, task } = parsed.data;
  // TensorFlow takes a configuration without a cluster for one process by itself.
  if (Object.keys(jobs).length === 0) return undefined;
  const cluster = checkClusterSpec(
    Object.fromEntries(Object.entries(jobs).map(([job, tasks]) => [job, asList(job, tasks)])),
    variable,
  );
  return { source: variable, cluster, task: task && identityOf(cluster, task) };
};

/** A map from task numbers as a list; the scheme that gRPC addresses may carry is taken off. */
function asList(job: string, tasks: unknown): unknown {
  const bare = (text: unknown) =>
    typeof text === 'string' ? text.replace(/^grpc:\/\//, '') : text;
  if (Array.isArray(tasks)) return tasks.map(bare);
  if (tasks === null || typeof tasks !== 'object') return tasks;
  const byNumber = new Map(Object.entries(tasks).map(([task, text]) => [Number(task), bare(text)]));
  return Array.from({ length: byNumber.size }, (_, task) => {
    if (byNumber.has(task)) return byNumber.get(task);
    throw clusterError(
      variable,
      `job ${job} has ${byNumber.size} tasks, but none numbered ${task}.`,
      {
        fix: 'number the tasks of a job from 0 without a gap.',
      },
    );
  });
}

/** An evaluator stands beside the cluster: TensorFlow lets it be missing from the list of jobs. */
function identityOf(cluster: ClusterSpec, { type, index }: { type: string; index: number }) {
  const task: TaskIdentity = { job: type, task: index };
  if (type === 'evaluator' && !Object.hasOwn(cluster, type)) return task;
  return checkTask(cluster, task, `${variable} (task)`);
}
