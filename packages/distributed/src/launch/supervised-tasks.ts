import { GraphError } from '@tenon/core';
import type { ClusterSpec } from '../cluster/cluster-spec.js';
import { taskName } from '../worker/worker.js';
import type { SupervisedCluster } from './local-cluster.js';
import { notAdded } from './not-added.js';
import { SupervisedTask, type Supervision, type TaskLife } from './supervised-task.js';

/** Which task is meant. */
export interface TaskPlace {
  readonly job: string;
  readonly task: number;
}

/** The tasks of a cluster, each in a process or a thread of its own. */
export class SupervisedTasks<Life extends TaskLife> {
  private readonly supervision: Supervision;
  private readonly tasks = new Map<string, SupervisedTask<Life>>();
  private readonly added = new Set<string>();
  private additions = 0;

  constructor(supervision: Supervision) {
    this.supervision = supervision;
  }

  /** Starts one; its address. */
  start(
    { job, task }: TaskPlace,
    start: (name: string, address?: string) => Life,
  ): Promise<string> {
    const name = `${job}/${task}`;
    const supervised = new SupervisedTask({
      ...this.supervision,
      name,
      start: (address) => start(name, address),
    });
    this.tasks.set(taskName(job, task), supervised);
    return supervised.listening();
  }

  /** Starts all tasks of some jobs; their addresses. Errors: those of the first that does not start. */
  async startAll(
    jobs: Readonly<Record<string, number>>,
    start: (place: TaskPlace, name: string, address?: string) => Life,
  ): Promise<ClusterSpec> {
    const addresses = Object.entries(jobs)
      .filter(([, count]) => count > 0)
      .map(async ([job, count]) => {
        const started = Array.from({ length: count }, (_, task) =>
          this.start({ job, task }, (...life) => start({ job, task }, ...life)),
        );
        return [job, await Promise.all(started)] as const;
      });
    return Object.fromEntries(await Promise.all(addresses));
  }

  /** Starts one that is told its name later; gives the name that belongs to its address. */
  async add(
    start: (label: string, address?: string) => Life,
    nameOf: (address: string) => Promise<string>,
  ): Promise<string> {
    const label = `added/${this.additions++}`;
    const supervised = new SupervisedTask({
      ...this.supervision,
      name: label,
      start: (address) => start(label, address),
    });
    this.tasks.set(label, supervised);
    const name = await nameOf(await supervised.listening());
    this.tasks.delete(label);
    this.tasks.set(name, supervised);
    this.added.add(name);
    return name;
  }

  /** Ends one that was added. Errors: NAME_UNKNOWN. */
  async remove(name: string): Promise<void> {
    if (!this.added.delete(name)) notAdded(name);
    await this.end(name);
  }

  /** Ends one and forgets it. */
  async end(name: string): Promise<void> {
    const task = this.tasks.get(name);
    this.tasks.delete(name);
    await task?.end();
  }

  /** By its name in the cluster: `/job:worker/replica:0/task:1`. */
  named(name: string): SupervisedTask<Life> | undefined {
    return this.tasks.get(name);
  }

  /** Errors: NAME_UNKNOWN. */
  find(job: string, task: number): SupervisedTask<Life> {
    const found = this.tasks.get(taskName(job, task));
    if (found) return found;
    throw new GraphError('NAME_UNKNOWN', 'createLocalCluster', {
      what: `the cluster has no task ${task} of job ${job}.`,
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.tasks.values()].map((task) => task.close()));
  }
}

/** What a cluster lets its users do to its tasks. */
export const supervisedCalls = (
  tasks: SupervisedTasks<TaskLife>,
): Pick<SupervisedCluster, 'kill' | 'listening' | 'restart'> => ({
  kill: (job, task) => tasks.find(job, task).life.kill(),
  listening: async (job, task) => void (await tasks.find(job, task).listening()),
  restart: (job, task) => tasks.find(job, task).restart(),
});

/** The tasks of a job for training. */
export const trainingTasks = (job: string, addresses: ClusterSpec) =>
  (addresses[job] ?? []).map((address, task) => ({ name: taskName(job, task), address }));
