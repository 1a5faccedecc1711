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
 * Plays schedules: a task starts when its processor has ended the one before and has fetched what the task reads. Each value goes to
 * each device once. It is fetched when it is needed, as receives of programs do, one after the other, and handed out when the
 * processor that has it has ended the tasks so far.
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
    const { seconds, group } = this.problem.tasks[task] as Task;
    // A variable is there before the run.
    if (isState(this.problem.tasks[task] as Task)) return 0;
    const device = assignment[group] as number;
    const ready = this.ready(task, assignment, true);
    this.start[task] = ready;
    this.finish[task] = ready + (seconds[device] as number);
    this.free[this.processor(device)] = this.finish[task] as number;
    return this.finish[task] as number;
  }

  /** When a task would end if it were played next. */
  endOf(task: number, assignment: readonly number[]): number {
    const { seconds, group } = this.problem.tasks[task] as Task;
    return this.ready(task, assignment, false) + (seconds[assignment[group] as number] as number);
  }

  /** When everything that a task reads is there: its processor fetches one value after the other. */
  private ready(task: number, assignment: readonly number[], record: boolean): number {
    const { tasks, devices } = this.problem;
    const { reads, group } = tasks[task] as Task;
    const device = assignment[group] as number;
    let time = this.free[this.processor(device)] as number;
    for (const value of reads) {
      const at = value * devices.length + device;
      const known = this.arrivals[at] as number;
      const there = Number.isNaN(known)
        ? this.fetch(value, device, { time, assignment, record })
        : known;
      if (record) this.arrivals[at] = there;
      time = Math.max(time, there);
    }
    return time;
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

  /** When a value is there that the processor of a device asks for at a time. */
  private fetch(
    value: number,
    device: number,
    { time, assignment, record }: { time: number; assignment: readonly number[]; record: boolean },
  ): number {
    const { values, links, feedLinks } = this.problem;
    const { from, bytes } = values[value] as ScheduledValue;
    if (from < 0) return timeOn(feedLinks[device] as Link, bytes);
    const source = this.source(value, assignment);
    const finish = this.finish[from] as number;
    if (source < 0 || source === device) return finish;
    const link = links[source]?.[device] as Link;
    const processor = this.processor(source);
    const own = processor === this.processor(device);
    const begin = Math.max(time, finish, own ? 0 : (this.free[processor] as number));
    // Handing it out takes the other processor's time too, the way does not.
    if (record && !own) this.free[processor] = begin + bytes * link.secondsPerByte;
    return begin + timeOn(link, bytes);
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
