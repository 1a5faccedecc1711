import { nearest } from '@tenon/core';
import { type Address, parseAddress } from './address.js';
import { clusterError } from './cluster-error.js';
import type { ClusterSpec } from './cluster-spec.js';

/** Which process of a cluster this is: its job, and its number in that job's list. */
export interface TaskIdentity {
  readonly job: string;
  readonly task: number;
}

/** All tasks, job by job in the order of the specification. */
export const tasksOf = (cluster: ClusterSpec): TaskIdentity[] =>
  Object.entries(cluster).flatMap(([job, addresses]) =>
    addresses.map((_, task) => ({ job, task })),
  );

/** Checks that a cluster has a task. Errors: CLUSTER_INVALID, from `source`. */
export function checkTask(cluster: ClusterSpec, { job, task }: TaskIdentity, source: string) {
  const addresses = Object.hasOwn(cluster, job) ? cluster[job] : undefined;
  if (!addresses) {
    const jobs = Object.keys(cluster);
    const near = nearest(job, jobs);
    throw clusterError(
      source,
      `the cluster has no job ${job}${near ? `; did you mean ${near}?` : '.'}`,
      {
        fix: `name one of its jobs: ${jobs.join(', ')}.`,
      },
    );
  }
  if (!Number.isInteger(task) || task < 0 || task >= addresses.length) {
    throw clusterError(source, `job ${job} has no task ${task}.`, {
      fix: `its ${addresses.length} tasks are numbered from 0 to ${addresses.length - 1}; add addresses to the job or lower the number.`,
    });
  }
  return { job, task };
}

/** Where a task listens. Errors: CLUSTER_INVALID. */
export function addressOf(cluster: ClusterSpec, identity: TaskIdentity): Address {
  const { job, task } = checkTask(cluster, identity, 'addressOf');
  const text = cluster[job]?.[task] ?? '';
  const address = parseAddress(text);
  if (address) return address;
  throw clusterError('addressOf', `job ${job}, task ${task}: "${text}" is not host:port.`);
}

// TensorFlow called the chief "master" before 1.x ended; such clusters are still written.
const chiefJobs = ['chief', 'master', 'worker'];

/** The task that leads: of the job `chief` or `master` where there is one, else the first worker. */
export function chiefOf(cluster: ClusterSpec): TaskIdentity | undefined {
  const job = chiefJobs.find((name) => Object.hasOwn(cluster, name));
  return job === undefined ? undefined : { job, task: 0 };
}

/** Whether a task is the one that leads. */
export function isChief(cluster: ClusterSpec, { job, task }: TaskIdentity): boolean {
  const chief = chiefOf(cluster);
  return chief?.job === job && chief.task === task;
}
