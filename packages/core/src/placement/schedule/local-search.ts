import {
  allowedDevices,
  isState,
  type Problem,
  type Schedule,
  type ScheduledValue,
  type Task,
} from './problem.js';
import { RandomNumbers } from './random-numbers.js';
import { isBetter, type Score, Timeline } from './timeline.js';

export interface SearchOptions {
  /** The same seed gives the same schedule, unless time ends the search. */
  readonly seed: number;
  /** Changes that are tried. */
  readonly moves: number;
  /** Milliseconds after which the search ends, however many changes were tried. */
  readonly milliseconds: number;
}

// A worse schedule is taken with the probability e^(-loss / temperature), loss and temperature as shares of the time at the start.
const firstTemperature = 0.1;

/**
 * Simulated annealing from a schedule: a group moves to another device, or a task to another place in the order. Gives the best
 * that was met, the start included.
 */
export function improve(problem: Problem, start: Schedule, options: SearchOptions): Schedule {
  return new LocalSearch(problem, start, options).run();
}

class LocalSearch {
  private readonly problem: Problem;
  private readonly options: SearchOptions;
  private readonly random: RandomNumbers;
  private readonly timeline: Timeline;
  /** Groups that have a choice, with their devices. */
  private readonly free: readonly { group: number; devices: readonly number[] }[];
  private readonly order: number[];
  private readonly assignment: number[];
  private readonly readers: readonly (readonly number[])[];
  /** Tasks that are there before the run: they come first. */
  private readonly states: number;

  constructor(problem: Problem, start: Schedule, options: SearchOptions) {
    this.problem = problem;
    this.options = options;
    this.random = new RandomNumbers(options.seed);
    this.timeline = new Timeline(problem);
    this.free = allowedDevices(problem).flatMap((devices, group) =>
      devices.length > 1 ? [{ group, devices }] : [],
    );
    this.order = [...start.order];
    this.assignment = [...start.assignment];
    this.readers = readersOf(problem);
    this.states = problem.tasks.filter(isState).length;
  }

  run(): Schedule {
    const { moves, milliseconds } = this.options;
    let best: Schedule = { order: [...this.order], assignment: [...this.assignment] };
    let now = this.timeline.play(best);
    let least = now;
    const scale = now.seconds;
    const end = performance.now() + milliseconds;
    for (let move = 0; move < moves && performance.now() < end; move++) {
      const undo = this.change();
      if (!undo) continue;
      const score = this.timeline.play({ order: this.order, assignment: this.assignment });
      const temperature = firstTemperature * scale * (1 - move / moves);
      if (!this.takes(score, now, temperature)) {
        undo();
        continue;
      }
      now = score;
      if (!isBetter(now, least)) continue;
      least = now;
      best = { order: [...this.order], assignment: [...this.assignment] };
    }
    return best;
  }

  private takes(score: Score, now: Score, temperature: number): boolean {
    if (score.excessBytes !== now.excessBytes) return score.excessBytes < now.excessBytes;
    const loss = score.seconds - now.seconds;
    return loss <= 0 || this.random.next() < Math.exp(-loss / temperature);
  }

  /** Changes the schedule; how to take it back, or undefined where nothing could change. */
  private change(): (() => void) | undefined {
    const another = this.free.length > 0 && this.random.next() < 0.7;
    return another ? this.moveGroup() : this.moveTask();
  }

  private moveGroup(): () => void {
    const { group, devices } = this.free[
      this.random.below(this.free.length)
    ] as LocalSearch['free'][number];
    const before = this.assignment[group] as number;
    const others = devices.filter((device) => device !== before);
    this.assignment[group] = others[this.random.below(others.length)] as number;
    return () => {
      this.assignment[group] = before;
    };
  }

  /** Puts a task anywhere between what it reads and its readers, after all that is there before the run. */
  private moveTask(): (() => void) | undefined {
    const { order } = this;
    const place = this.random.below(order.length);
    const task = order[place] as number;
    if (place < this.states) return undefined;
    const needed = this.sources(task);
    const readers = this.readers[task] as readonly number[];
    let low = place;
    while (low > this.states && !needed.includes(order[low - 1] as number)) low--;
    let high = place;
    while (high + 1 < order.length && !readers.includes(order[high + 1] as number)) high++;
    if (low === high) return undefined;
    const other = low + this.random.below(high - low);
    const target = other < place ? other : other + 1;
    this.shift(place, target);
    return () => this.shift(target, place);
  }

  private shift(from: number, to: number): void {
    const [task] = this.order.splice(from, 1) as [number];
    this.order.splice(to, 0, task);
  }

  private sources(task: number): number[] {
    const { tasks, values } = this.problem;
    return (tasks[task] as Task).reads.map((value) => (values[value] as ScheduledValue).from);
  }
}

function readersOf({ tasks, values }: Problem): number[][] {
  const readers = tasks.map((): number[] => []);
  tasks.forEach(({ reads }, task) => {
    for (const value of reads) readers[(values[value] as ScheduledValue).from]?.push(task);
  });
  return readers;
}
