import { describeTensor } from '../../errors.js';
import type { Tensor } from '../../graph/tensor.js';
import type { AutomaticPlacement } from '../../placement/automatic.js';
import type { TaskCost } from '../../placement/cost/task-cost.js';
import { isConstant } from '../../placement/is-constant.js';
import { memoryOf } from '../../placement/schedule/memory.js';
import { type Problem, timeOn } from '../../placement/schedule/problem.js';
import { Timeline } from '../../placement/schedule/timeline.js';
import type { NodeTask } from '../../placement/tasks.js';

/** Nodes that were placed as one. */
export interface PlacedGroup {
  /** Ops and shapes. */
  readonly what: string;
  readonly nodes: number;
  readonly device: string;
  /** Seconds after the start of the run. */
  readonly start: number;
  /** What it takes on each device; none where it may not run. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Whether the time on its device was measured; else it is an estimate. */
  readonly measured: boolean;
}

/** A value that goes to another device. */
export interface PlacedTransfer {
  readonly what: string;
  readonly bytes: number;
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
}

export interface PlacedDevice {
  readonly name: string;
  readonly groups: number;
  /** Seconds in which it computes. */
  readonly busy: number;
  /** Variables, and the most that is alive of values. */
  readonly bytes: number;
  readonly limit: number;
}

/** What the cost model says of a run. */
export interface PlacementExplanation {
  /** Seconds of the run as it was planned. */
  readonly makespan: number;
  /** The best device alone and its seconds. */
  readonly single: { readonly device: string; readonly makespan: number };
  readonly devices: readonly PlacedDevice[];
  readonly groups: readonly PlacedGroup[];
  readonly transfers: readonly PlacedTransfer[];
  toString(): string;
}

export function explainPlacement(automatic: AutomaticPlacement): PlacementExplanation {
  const { plan, devices, problem } = automatic;
  const groups = placedGroups(automatic);
  const bytes = memoryOf(problem, plan.schedule);
  const explained = {
    makespan: plan.seconds,
    single: {
      device: devices[plan.single.device]?.name as string,
      makespan: plan.single.seconds,
    },
    devices: devices.map(({ name, bytes: limit }, device) => {
      const own = groups.filter((group) => group.device === name);
      const busy = own.reduce((sum, { seconds }) => sum + (seconds[name] as number), 0);
      return { name, groups: own.length, busy, bytes: bytes[device] as number, limit };
    }),
    groups,
    transfers: transfers(automatic),
  };
  return { ...explained, toString: () => lines(explained).join('\n') };
}

function placedGroups({ tasks, costs, devices, problem, plan }: AutomaticPlacement): PlacedGroup[] {
  const timeline = new Timeline(problem);
  timeline.play(plan.schedule);
  const shown = plan.schedule.order.filter((task) => task < tasks.length);
  return shown.map((task) => {
    const { key, measured } = costs[task] as TaskCost;
    const { group, seconds } = problem.tasks[task] as Problem['tasks'][number];
    const device = plan.schedule.assignment[group] as number;
    const possible = devices.flatMap(({ name }, i) =>
      Number.isFinite(seconds[i]) ? [[name, seconds[i] as number] as const] : [],
    );
    return {
      what: key.slice(0, key.lastIndexOf(' #')),
      nodes: (tasks[task] as NodeTask).nodes.length,
      device: devices[device]?.name as string,
      start: timeline.start[task] as number,
      seconds: Object.fromEntries(possible),
      measured: measured[device] as boolean,
    };
  });
}

function transfers({ costs, devices, problem, plan }: AutomaticPlacement): PlacedTransfer[] {
  const { order, assignment } = plan.schedule;
  const deviceOf = (task: number) => assignment[problem.tasks[task]?.group as number] as number;
  const made = new Map<number, Tensor>();
  costs.forEach(({ inputs }, task) => {
    inputs
      .filter(({ node }) => !isConstant(node))
      .forEach((input, i) => {
        made.set(problem.tasks[task]?.reads[i] as number, input);
      });
  });
  const seen = new Set<string>();
  return order.flatMap((task) =>
    (problem.tasks[task]?.reads ?? []).flatMap((value) => {
      const { from, bytes } = problem.values[value] as Problem['values'][number];
      const to = deviceOf(task);
      if (from < 0 || deviceOf(from) === to || seen.has(`${value} ${to}`)) return [];
      seen.add(`${value} ${to}`);
      const source = deviceOf(from);
      const tensor = made.get(value);
      const what = tensor ? `${describeTensor(tensor)} of ${tensor.node.where}` : 'order';
      const names = { from: devices[source]?.name as string, to: devices[to]?.name as string };
      const link = problem.links[source]?.[to] as Problem['feedLinks'][number];
      return [{ what, bytes, ...names, seconds: timeOn(link, bytes) }];
    }),
  );
}

function lines({
  makespan,
  single,
  devices,
  groups,
  transfers,
}: Omit<PlacementExplanation, 'toString'>): string[] {
  return [
    `placement: ${ms(makespan)} planned, ${ms(single.makespan)} on ${single.device} alone`,
    '',
    'devices',
    ...devices.map(
      ({ name, groups, busy, bytes, limit }) =>
        `  ${name}: ${groups} groups, ${ms(busy)} of computing, ${size(bytes)} of ${size(limit)}`,
    ),
    '',
    'groups of nodes, from when, on which device, and what they take on each',
    ...groups.map(groupLine),
    '',
    transfers.length === 0 ? 'no transfers' : 'transfers',
    ...transfers.map(
      ({ what, bytes, from, to, seconds }) =>
        `  ${from} -> ${to}: ${size(bytes)} in ${ms(seconds)}, ${what}`,
    ),
  ];
}

function groupLine({ what, device, start, seconds, measured }: PlacedGroup): string {
  const there = Object.values(seconds).every((value) => value === 0);
  if (there) return `  ${device} (there before the run) ${what}`;
  const costs = Object.entries(seconds).map(([name, value]) => `${name} ${ms(value)}`);
  const source = measured ? 'measured' : 'estimated';
  return `  ${ms(start)} ${device} (${costs.join(', ')}; ${source}) ${what}`;
}

const ms = (seconds: number): string => `${(seconds * 1000).toPrecision(3)} ms`;

function size(bytes: number): string {
  if (bytes === Number.POSITIVE_INFINITY) return 'no limit';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const unit = Math.min(4, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${Number((bytes / 1024 ** unit).toPrecision(3))} ${units[unit]}`;
}
