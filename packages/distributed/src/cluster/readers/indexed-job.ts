import { clusterError } from '../cluster-error.js';
import { parseCount, readPort, readVariable } from '../environment.js';
import { rankedCluster } from '../ranked-cluster.js';
import { readRoles } from '../roles.js';
import type { ClusterReader, ReaderInput } from './reader.js';

const source = 'Kubernetes Indexed Job (JOB_COMPLETION_INDEX, JOB_NAME, TENON_ROLES)';

/**
 * A Kubernetes Job of completion mode Indexed: pod i is `<job>-<i>.<service>`, where the headless service has the job's name if
 * `TENON_SERVICE` names no other. The indexes are dealt to the jobs of `TENON_ROLES` in their order. The Job's name is `JOB_NAME`,
 * or what comes before the index in the host's name. Source: kubernetes.io, "Indexed Job with Pod-to-Pod Communication".
 * Errors: CLUSTER_INVALID.
 */
export const indexedJob: ClusterReader = (input) => {
  const { environment } = input;
  const index = readVariable(environment, 'JOB_COMPLETION_INDEX');
  if (index === undefined) return undefined;
  const rank = parseCount(index, 'JOB_COMPLETION_INDEX');
  const roles = readRoles(environment);
  if (!roles || roles.some(({ rest }) => rest)) {
    throw clusterError(
      'TENON_ROLES',
      'it does not say how many pods there are; Kubernetes does not tell them.',
      {
        fix: "set it to counts that add up to the job's completions: ps=2,worker=4.",
      },
    );
  }
  const name = jobName(input, rank);
  const [service, port] = [
    readVariable(environment, 'TENON_SERVICE') ?? name,
    readPort(environment),
  ];
  const pods = roles.reduce((sum, role) => sum + role.jobs * role.pods, 0);
  const addresses = Array.from({ length: pods }, (_, pod) => `${name}-${pod}.${service}:${port}`);
  return { source, ...rankedCluster({ addresses, rank, roles, source }) };
};

function jobName({ environment, hostname }: ReaderInput, rank: number): string {
  const name = readVariable(environment, 'JOB_NAME');
  if (name !== undefined) return name;
  const [host = ''] = hostname.split('.');
  const ending = `-${rank}`;
  if (host.endsWith(ending) && host.length > ending.length) return host.slice(0, -ending.length);
  throw clusterError(
    'JOB_NAME',
    `the variable is not set, and the host name ${hostname} does not end in ${ending}.`,
    {
      fix: "set it by the downward API from metadata.labels['batch.kubernetes.io/job-name'], as deploy/kubernetes/indexed-job.yaml does.",
    },
  );
}
