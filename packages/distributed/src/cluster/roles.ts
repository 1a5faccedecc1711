import { clusterError } from './cluster-error.js';
import { isJobName } from './cluster-spec.js';
import { type Environment, readVariable } from './environment.js';

/** How many tasks a job has: `jobs` copies of a replicated job of `pods` pods each; `rest` takes what others leave. */
export interface Role {
  readonly job: string;
  readonly jobs: number;
  readonly pods: number;
  readonly rest: boolean;
}

const fix =
  'write jobs with their counts in the order of ranks: chief=1,ps=2,worker=4; worker=2x3 for two jobs of three pods, worker=* for all other ranks.';

/** `TENON_ROLES`, such as `ps=2,worker=*`; undefined where it is not set. Errors: CLUSTER_INVALID. */
export function readRoles(environment: Environment): readonly Role[] | undefined {
  const text = readVariable(environment, 'TENON_ROLES');
  return text === undefined ? undefined : parseRoles(text, 'TENON_ROLES');
}

/** Reads `chief=1,ps=2,worker=2x3`. Errors: CLUSTER_INVALID, from `source`. */
export function parseRoles(text: string, source: string): readonly Role[] {
  const roles = text.split(',').map((item) => parseRole(item.trim(), source));
  const names = roles.map(({ job }) => job);
  const twice = names.find((job, place) => names.indexOf(job) !== place);
  if (twice !== undefined) throw clusterError(source, `job ${twice} stands there twice.`, { fix });
  if (roles.filter(({ rest }) => rest).length > 1) {
    throw clusterError(source, 'only one job can take the rest (*).', { fix });
  }
  return roles;
}

function parseRole(item: string, source: string): Role {
  const match = /^([^=]+)=(?:(\*)|(\d{1,6})(?:x(\d{1,6}))?)$/.exec(item);
  const [, job = '', star, first = '0', pods] = match ?? [];
  if (!isJobName(job)) throw clusterError(source, `"${item}" is not job=count.`, { fix });
  if (star) return { job, jobs: 1, pods: 0, rest: true };
  const role =
    pods === undefined
      ? { job, jobs: 1, pods: Number(first), rest: false }
      : { job, jobs: Number(first), pods: Number(pods), rest: false };
  if (role.jobs * role.pods === 0) {
    throw clusterError(source, `job ${job} has no task.`, { fix: 'leave the job out.' });
  }
  return role;
}

/**
 * The counts of the jobs for `ranks` processes; the rest is dealt out. All are workers where no roles are given.
 * Errors: CLUSTER_INVALID where the counts do not add up to `ranks`.
 */
export function countRoles(
  roles: readonly Role[] | undefined,
  ranks: number,
): readonly { job: string; count: number }[] {
  if (!roles) return [{ job: 'worker', count: ranks }];
  const fixed = roles.reduce((sum, { jobs, pods }) => sum + jobs * pods, 0);
  const rest = ranks - fixed;
  const takesRest = roles.find((role) => role.rest);
  if (takesRest ? rest < 1 : rest !== 0) {
    const needs = takesRest ? `at least ${fixed + 1}` : `${fixed}`;
    throw clusterError('TENON_ROLES', `it needs ${needs} processes, but ${ranks} were launched.`, {
      fix: 'launch as many, or change the counts; worker=* takes all ranks that are left.',
    });
  }
  return roles.map((role) => ({
    job: role.job,
    count: role.rest ? rest : role.jobs * role.pods,
  }));
}
