import {
  allowedDevices,
  isState,
  type Problem,
  type Schedule,
  type ScheduledValue,
  type Task,
} from './problem.js';
import { Timeline } from './timeline.js';

/**
 * List scheduling: tasks in the given order, each on the device where it ends first, devices without memory for its variables
 * left out where there are others. A group is decided by the first of its tasks that takes time, or by the first reader of its
 * variables. Devices run their tasks in order, so nothing is put into gaps.
 * Source: HEFT of Topcuoglu, Hariri and Wu (2002); memory as in m-ETF of Jeon et al. (2020), "Baechi".
 */
export function listSchedule(problem: Problem, order: readonly number[]): Schedule {
  return { order, assignment: new ListScheduler(problem).assign(order) };
}

class ListScheduler {
  private readonly problem: Problem;
  private readonly allowed: readonly (readonly number[])[];
  private readonly assignment: number[];
  private readonly groupBytes: Float64Array;
  private readonly left: number[];
  private readonly timeline: Timeline;

  constructor(problem: Problem) {
    this.problem = problem;
    this.timeline = new Timeline(problem);
    this.allowed = allowedDevices(problem);
    this.assignment = this.allowed.map(() => -1);
    this.groupBytes = new Float64Array(problem.groups);
    for (const { group, stateBytes } of problem.tasks)
      this.groupBytes[group] = (this.groupBytes[group] as number) + stateBytes;
    this.left = problem.devices.map(({ bytes }) => bytes);
    for (const [group, devices] of this.allowed.entries())
      if (devices.length === 1) this.decide(group, devices[0] as number);
  }

  assign(order: readonly number[]): number[] {
    this.timeline.begin();
    for (const task of order) {
      const { group, reads } = this.problem.tasks[task] as Task;
      if (isState(this.problem.tasks[task] as Task)) continue;
      if ((this.assignment[group] as number) < 0) this.decide(group, this.best(task));
      this.bring(reads, this.assignment[group] as number);
      this.timeline.run(task, this.assignment);
    }
    // What nothing reads.
    for (const [group, device] of this.assignment.entries())
      if (device < 0) this.decide(group, this.roomy(group)[0] as number);
    return this.assignment;
  }

  /** The device on which a task ends first. */
  private best(task: number): number {
    const { group } = this.problem.tasks[task] as Task;
    const assignment = [...this.assignment];
    const roomy = this.roomy(group);
    let [found, least] = [roomy[0] as number, Number.POSITIVE_INFINITY];
    for (const device of roomy) {
      assignment[group] = device;
      const end = this.timeline.endOf(task, assignment);
      if (end < least) [found, least] = [device, end];
    }
    return found;
  }

  /** Variables without a device go where they are read first, if they fit there. */
  private bring(reads: readonly number[], device: number): void {
    for (const value of reads) {
      const { from } = this.problem.values[value] as ScheduledValue;
      const group = this.problem.tasks[from]?.group;
      if (group === undefined || (this.assignment[group] as number) >= 0) continue;
      const roomy = this.roomy(group);
      this.decide(group, roomy.includes(device) ? device : (roomy[0] as number));
    }
  }

  /** The devices that have memory for a group; all that it may run on where none has. */
  private roomy(group: number): readonly number[] {
    const allowed = this.allowed[group] as readonly number[];
    const roomy = allowed.filter(
      (device) => (this.groupBytes[group] as number) <= (this.left[device] as number),
    );
    return roomy.length > 0 ? roomy : allowed;
  }

  private decide(group: number, device: number): void {
    this.assignment[group] = device;
    this.left[device] = (this.left[device] as number) - (this.groupBytes[group] as number);
  }
}
