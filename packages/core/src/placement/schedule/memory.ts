import { isState, type Problem, type Schedule, type ScheduledValue, type Task } from './problem.js';

/**
 * By device: the bytes of its variables and the largest sum of the bytes of values that are alive together. A value is alive on the
 * device that makes it until its last use there, and on another from its first use to its last.
 */
export function memoryOf(problem: Problem, { order, assignment }: Schedule): number[] {
  const { tasks, values, devices } = problem;
  const count = devices.length;
  const end = order.length;
  const first = new Int32Array(values.length * count).fill(-1);
  const last = new Int32Array(values.length * count);
  const places = new Int32Array(tasks.length);
  const stateBytes = devices.map(() => 0);
  const deviceOf = (task: number) => assignment[(tasks[task] as Task).group] as number;
  order.forEach((task, place) => {
    places[task] = place;
    const device = deviceOf(task);
    stateBytes[device] = (stateBytes[device] as number) + (tasks[task] as Task).stateBytes;
    for (const value of (tasks[task] as Task).reads) {
      const at = value * count + device;
      if ((first[at] as number) < 0) first[at] = place;
      last[at] = place;
    }
  });
  const changes = devices.map(() => new Float64Array(end + 2));
  const alive = (device: number, bytes: number, from: number, to: number) => {
    const own = changes[device] as Float64Array;
    own[from] = (own[from] as number) + bytes;
    own[to + 1] = (own[to + 1] as number) - bytes;
  };
  values.forEach(({ from, bytes, kept }: ScheduledValue, value) => {
    const home = from < 0 ? -1 : deviceOf(from);
    for (let device = 0; device < count; device++) {
      const at = value * count + device;
      const used = (first[at] as number) >= 0;
      if (device === home) {
        // What is there before the run is counted by its task.
        if (isState(tasks[from] as Task)) continue;
        const to = kept ? end : used ? (last[at] as number) : (places[from] as number);
        alive(device, bytes, places[from] as number, to);
      } else if (used) alive(device, bytes, first[at] as number, last[at] as number);
    }
  });
  return changes.map((own, device) => (stateBytes[device] as number) + highest(own));
}

function highest(changes: Float64Array): number {
  let [now, most] = [0, 0];
  for (const change of changes) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}
