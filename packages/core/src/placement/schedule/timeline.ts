import { memoryOf } from './memory.js';
import {
  isState,
  type Link,
  type Machine,
  type Problem,
  type Schedule,
  type ScheduledValue,
  type Task,
  timeOn,
} from './problem.js';

/** How good a schedule is: first the bytes beyond what devices have, then the time. */
export interface Score {
  /** Time of a run. */
  readonly seconds: number;
  /** Bytes beyond the limits of the devices, all together. */
  readonly excessBytes: number;
}

/** Whether the first is better than the second. */
export const isBetter = (a: Score, b: Score): boolean =>
  a.excessBytes === b.excessBytes ? a.seconds < b.seconds : a.excessBytes < b.excessBytes;

/**
 * Plays schedules: a task starts when its processor has ended the one before and what it reads has come. Each value goes to each
 * device once. Between devices of one processor that processor copies it; else it travels beside what is computed.
 */
export class Timeline {
  /** Of the schedule that was played last, by task. */
  readonly start: Float64Array;
  readonly finish: Float64Array;
  private readonly problem: Problem;
  private readonly free: Float64Array;
  /** By value and device: when it is there; NaN before it was sent. */
  private readonly arrivals: Float64Array;
  /** Whether all values and variables together fit on every device. */
  private readonly fits: boolean;

  constructor(problem: Problem) {
    this.problem = problem;
    const { tasks, values, devices } = problem;
    this.start = new Float64Array(tasks.length);
    this.finish = new Float64Array(tasks.length);
    this.free = new Float64Array(Math.max(0, ...devices.map(({ processor }) => processor)) + 1);
    this.arrivals = new Float64Array(values.length * devices.length);
    const all =
      values.reduce((sum, { bytes }) => sum + bytes, 0) +
      tasks.reduce((sum, { stateBytes }) => sum + stateBytes, 0);
    this.fits = devices.every(({ bytes }) => all <= bytes);
  }

  play(schedule: Schedule): Score {
    this.begin();
    for (const task of schedule.order) this.run(task, schedule.assignment);
    const excessBytes = this.fits ? 0 : this.excess(schedule);
    return { seconds: this.end(), excessBytes };
  }

  /** Forgets what was played. */
  begin(): void {
    this.free.fill(0);
    this.finish.fill(0);
    this.arrivals.fill(Number.NaN);
  }

  /** Plays one task after those before; the time of its end. What groups without a device hold counts as being everywhere. */
  run(task: number, assignment: readonly number[]): number {
    const { tasks, devices } = this.problem;
    const { reads, group } = tasks[task] as Task;
    const device = assignment[group] as number;
    const end = this.endOf(task, assignment);
    for (const value of reads) {
      const at = value * devices.length + device;
      if (Number.isNaN(this.arrivals[at] as number))
        this.arrivals[at] = this.arrival(value, device, assignment);
    }
    this.finish[task] = end;
    this.start[task] = end - (tasks[task]?.seconds[device] as number);
    if (!isState(tasks[task] as Task)) this.free[this.processor(device)] = end;
    return end;
  }

  /** When a task would end if it were played next. */
  endOf(task: number, assignment: readonly number[]): number {
    const { tasks, devices } = this.problem;
    const { reads, seconds, group } = tasks[task] as Task;
    // A variable is there before the run.
    if (isState(tasks[task] as Task)) return 0;
    const device = assignment[group] as number;
    let ready = this.free[this.processor(device)] as number;
    let copying = 0;
    for (const value of reads) {
      const known = this.arrivals[value * devices.length + device] as number;
      const arrived = Number.isNaN(known) ? this.arrival(value, device, assignment) : known;
      ready = Math.max(ready, arrived);
      if (Number.isNaN(known)) copying += this.copying(value, device, assignment);
    }
    return ready + copying + (seconds[device] as number);
  }

  /** The time of all tasks that were played. */
  end(): number {
    let [last, used] = [0, 0];
    for (const time of this.free) {
      if (time > 0) used++;
      last = Math.max(last, time);
    }
    return last + (used > 1 ? this.problem.meetingSeconds : 0);
  }

  /** When a value is there, if it is sent as soon as it is made; without what the processor of the device copies itself. */
  private arrival(value: number, device: number, assignment: readonly number[]): number {
    const { values, feedLinks } = this.problem;
    const { from, bytes } = values[value] as ScheduledValue;
    if (from < 0) return timeOn(feedLinks[device] as Link, bytes);
    const source = this.source(value, assignment);
    const finish = this.finish[from] as number;
    if (source < 0 || this.processor(source) === this.processor(device)) return finish;
    return finish + this.underWay(value, source, device);
  }

  /** What the processor of a device takes to copy a value from another of its devices. */
  private copying(value: number, device: number, assignment: readonly number[]): number {
    const source = this.source(value, assignment);
    if (source < 0 || source === device) return 0;
    if (this.processor(source) !== this.processor(device)) return 0;
    return this.underWay(value, source, device);
  }

  private underWay(value: number, source: number, device: number): number {
    const { bytes } = this.problem.values[value] as ScheduledValue;
    return timeOn(this.problem.links[source]?.[device] as Link, bytes);
  }

  private source(value: number, assignment: readonly number[]): number {
    const { from } = this.problem.values[value] as ScheduledValue;
    return from < 0 ? -1 : (assignment[(this.problem.tasks[from] as Task).group] as number);
  }

  private processor(device: number): number {
    return (this.problem.devices[device] as Machine).processor;
  }

  private excess(schedule: Schedule): number {
    const used = memoryOf(this.problem, schedule);
    return this.problem.devices.reduce(
      (sum, { bytes }, device) => sum + Math.max(0, (used[device] as number) - bytes),
      0,
    );
  }
}
