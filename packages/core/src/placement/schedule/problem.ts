/** A value that tasks read: made by a task, or given from outside. */
export interface ScheduledValue {
  /** The task that makes it; -1: it is fed. */
  readonly from: number;
  readonly bytes: number;
  /** Whether it is needed to the end of the run. */
  readonly kept: boolean;
}

/** Work that one device does without a pause. */
export interface Task {
  /** By device; `Infinity` where it may not run. */
  readonly seconds: readonly number[];
  /** Places of the values that it reads. */
  readonly reads: readonly number[];
  /** Tasks of one group share a device. */
  readonly group: number;
  /** Bytes that it takes for good: of a variable or constant. */
  readonly stateBytes: number;
}

/** How long a value is under way: `latency + bytes * secondsPerByte`. */
export interface Link {
  /** Seconds. */
  readonly latency: number;
  readonly secondsPerByte: number;
}

/** Seconds that so many bytes take. */
export const timeOn = ({ latency, secondsPerByte }: Link, bytes: number): number =>
  latency + bytes * secondsPerByte;

/** Whether a task is there before the run: it reads nothing and takes no time anywhere. */
export const isState = ({ seconds, reads }: Task): boolean =>
  reads.length === 0 && seconds.every((value) => value === 0 || value === Number.POSITIVE_INFINITY);

/** Where tasks run. Devices with one number of `processor` run one task at a time, and copy between each other themselves. */
export interface Machine {
  readonly processor: number;
  /** The most memory. */
  readonly bytes: number;
}

/** What scheduling decides about, without a word of graphs. */
export interface Problem {
  /** In an order in which they can run. */
  readonly tasks: readonly Task[];
  readonly values: readonly ScheduledValue[];
  readonly groups: number;
  readonly devices: readonly Machine[];
  /** By device from which, device to which. */
  readonly links: readonly (readonly Link[])[];
  /** By device: how fed values come there. */
  readonly feedLinks: readonly Link[];
  /** Seconds that a run takes longer where more than one processor takes part. */
  readonly meetingSeconds: number;
}

/** A decision: the device of each group, and one order of all tasks that every device keeps. */
export interface Schedule {
  readonly order: readonly number[];
  /** By group. */
  readonly assignment: readonly number[];
}

/** The devices that each group may run on. */
export function allowedDevices({ tasks, groups, devices }: Problem): number[][] {
  const allowed = Array.from({ length: groups }, () => devices.map((_, device) => device));
  for (const { group, seconds } of tasks) {
    allowed[group] = (allowed[group] as number[]).filter(
      (device) => (seconds[device] as number) < Number.POSITIVE_INFINITY,
    );
  }
  return allowed;
}
