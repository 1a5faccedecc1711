import { listSchedule } from './list-schedule.js';
import { improve, type SearchOptions } from './local-search.js';
import { allowedDevices, isState, type Problem, type Schedule } from './problem.js';
import { isBetter, type Score, Timeline } from './timeline.js';
import { orderByRank } from './upward-rank.js';

export interface PlanOptions extends SearchOptions {
  /** The share of the best single device's time that several devices must save to be used; 0.1 is ten percent. */
  readonly leastGain: number;
}

/** What the search does where nothing else is said. */
export const usualSearch: PlanOptions = {
  seed: 0,
  moves: 4000,
  milliseconds: 200,
  leastGain: 0.1,
};

/** A schedule and what the model says of it. */
export interface Planned extends Score {
  readonly schedule: Schedule;
}

export interface SchedulePlan extends Planned {
  /** The best schedule that uses one device wherever there is a choice. */
  readonly single: Planned & { readonly device: number };
}

/**
 * The best of: every device alone, the list schedule by upward rank, and what local search makes of the better of both. Where that
 * saves less than `leastGain`, a device alone. What exceeds the memory of devices least comes before what is fastest.
 */
export function planSchedule(problem: Problem, options: PlanOptions): SchedulePlan {
  const timeline = new Timeline(problem);
  const planned = (schedule: Schedule): Planned => ({ schedule, ...timeline.play(schedule) });
  const given = stateFirst(
    problem,
    problem.tasks.map((_, task) => task),
  );
  const ranked = stateFirst(problem, orderByRank(problem));
  const single = problem.devices
    .map((_, device) => ({ device, ...planned(alone(problem, given, device)) }))
    .reduce((best, next) => (isBetter(next, best) ? next : best));
  const choice = allowedDevices(problem).some((devices) => devices.length > 1);
  if (!choice || problem.devices.length === 1) return { ...single, single };
  const starts = [planned(listSchedule(problem, ranked)), planned(listSchedule(problem, given))];
  const start = [...starts].reduce((best, next) => (isBetter(next, best) ? next : best), single);
  const searched = planned(improve(problem, start.schedule, options));
  const worth =
    searched.excessBytes < single.excessBytes ||
    searched.seconds <= single.seconds * (1 - options.leastGain);
  return { ...(worth && isBetter(searched, single) ? searched : single), single };
}

/** Everything that has a choice on one device; what may not run there on the first where it may. */
function alone(problem: Problem, order: readonly number[], device: number): Schedule {
  const assignment = allowedDevices(problem).map((devices) =>
    devices.includes(device) ? device : (devices[0] as number),
  );
  return { order, assignment };
}

/** Variables before all else: they are there, so what is sent of them can leave at once. */
function stateFirst({ tasks }: Problem, order: readonly number[]): number[] {
  const state = (task: number) => isState(tasks[task] as Problem['tasks'][number]);
  return [...order.filter(state), ...order.filter((task) => !state(task))];
}
