import { clusterError } from '../cluster-error.js';
import { checkClusterSpec } from '../cluster-spec.js';
import { parseCount, readPort, readVariable, requireVariable } from '../environment.js';
import { type Role, readRoles } from '../roles.js';
import { checkTask } from '../task.js';
import type { ClusterReader } from './reader.js';

const source = 'Kubernetes JobSet (JOBSET_NAME, REPLICATED_JOB_NAME, JOB_INDEX, TENON_ROLES)';

const downward =
  "set it by the downward API from the pod's annotations, as deploy/kubernetes/jobset.yaml does.";

/**
 * A Kubernetes JobSet with one replicated job a role: pod p of job j of role r is `<jobset>-<r>-<j>-<p>.<subdomain>`, and has
 * number j * pods + p in its role. The subdomain is the set's name where `TENON_SERVICE` names no other.
 * Source: jobset.sigs.k8s.io, labels and DNS names of v1alpha2. Errors: CLUSTER_INVALID.
 */
export const jobset: ClusterReader = ({ environment }) => {
  const set = readVariable(environment, 'JOBSET_NAME');
  if (set === undefined) return undefined;
  const roles = readRoles(environment);
  if (!roles) {
    throw clusterError(
      'TENON_ROLES',
      'the variable is not set; a JobSet does not tell its pods how many they are.',
      {
        fix: 'set it to the replicas and parallelism of the replicated jobs: ps=2,worker=4, or worker=2x3 for two replicas of three pods.',
      },
    );
  }
  const [subdomain, port] = [
    readVariable(environment, 'TENON_SERVICE') ?? set,
    readPort(environment),
  ];
  const jobs = roles.map((role) => [
    role.job,
    podsOf(role).map(({ job, pod }) => `${set}-${role.job}-${job}-${pod}.${subdomain}:${port}`),
  ]);
  const cluster = checkClusterSpec(Object.fromEntries(jobs), source);

  const name = requireVariable(environment, 'REPLICATED_JOB_NAME', downward);
  const job = parseCount(requireVariable(environment, 'JOB_INDEX', downward), 'JOB_INDEX');
  const completion = 'JOB_COMPLETION_INDEX';
  const indexed = 'set completionMode: Indexed on the job; Kubernetes then sets it.';
  const pod = parseCount(requireVariable(environment, completion, indexed), completion);
  const role = roles.find((candidate) => candidate.job === name);
  if (role && (pod >= role.pods || job >= role.jobs)) {
    throw clusterError(
      source,
      `pod ${pod} of job ${job} of ${name} is outside of ${role.jobs} jobs of ${role.pods} pods.`,
      {
        fix: `let TENON_ROLES say the replicas and parallelism of ${name}.`,
      },
    );
  }
  const task = checkTask(cluster, { job: name, task: job * (role?.pods ?? 0) + pod }, source);
  return { source, cluster, task };
};

function podsOf({ job, jobs, pods, rest }: Role): { job: number; pod: number }[] {
  if (rest) {
    throw clusterError(
      'TENON_ROLES',
      `${job}=* needs a known number of pods, which Kubernetes does not tell.`,
      {
        fix: `write the count: ${job}=4.`,
      },
    );
  }
  return Array.from({ length: jobs * pods }, (_, index) => ({
    job: Math.floor(index / pods),
    pod: index % pods,
  }));
}
