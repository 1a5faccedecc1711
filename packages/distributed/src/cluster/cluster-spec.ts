import { z } from 'zod';
import { parseAddress } from './address.js';
import { clusterError } from './cluster-error.js';

const mostTasks = 100_000;

const reserved = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether text can name a job: letters, digits, `.`, `-` and `_`, a letter or `_` first. */
export const isJobName = (text: string): boolean =>
  /^[A-Za-z_][\w.-]{0,199}$/.test(text) && !reserved.has(text);

const jobName = z
  .string()
  .refine(isJobName, 'a job is named by letters, digits, ".", "-" and "_", a letter first');

const address = z
  .string('it must be text like host:port')
  .refine((text) => parseAddress(text) !== undefined, {
    error: ({ input }) => `"${input}" is not host:port with a port from 1 to 65535`,
  });

const schema = z
  .record(jobName, z.array(address, 'it must be a list of addresses').min(1, 'it has no task'))
  .refine((jobs) => Object.keys(jobs).length > 0, 'it names no job');

/** The addresses `host:port` of all tasks by job; a task's number is its place in the list. */
export type ClusterSpec = Readonly<Record<string, readonly string[]>>;

/**
 * Checks data from `source` (a file or variable, named in errors) as a cluster. Errors: CLUSTER_INVALID, with job and task.
 */
export function checkClusterSpec(value: unknown, source: string): ClusterSpec {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0] as z.core.$ZodIssue;
    throw clusterError(source, `${place(issue.path)}${reason(issue)}.`, {
      fix: 'write {"ps": ["host-a:2222"], "worker": ["host-b:2222", "host-c:2222"]}: a list of host:port for each job.',
    });
  }
  checkTasks(parsed.data, source);
  return parsed.data;
}

function place([job, task]: readonly PropertyKey[]): string {
  if (job === undefined) return 'the cluster: ';
  return task === undefined ? `job ${String(job)}: ` : `job ${String(job)}, task ${String(task)}: `;
}

// A record reports a bad key as an issue of its own, which holds the reason.
function reason(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key'
    ? (issue.issues[0]?.message ?? issue.message)
    : issue.message.replace(/\.$/, '');
}

/** One address serves one task: two would fight for the port. */
function checkTasks(cluster: ClusterSpec, source: string): void {
  const owners = new Map<string, string>();
  for (const [job, addresses] of Object.entries(cluster)) {
    for (const [task, text] of addresses.entries()) {
      const key = text.toLowerCase();
      const owner = owners.get(key);
      if (owner !== undefined) {
        throw clusterError(source, `job ${job}, task ${task}: ${text} is also ${owner}.`, {
          fix: 'give every task an address of its own; on one host, a port of its own.',
        });
      }
      owners.set(key, `job ${job}, task ${task}`);
    }
  }
  if (owners.size > mostTasks) {
    throw clusterError(source, `it has ${owners.size} tasks; the most is ${mostTasks}.`);
  }
}
