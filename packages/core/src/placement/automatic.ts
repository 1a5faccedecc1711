import type { Node, Tensor } from '../graph/tensor.js';
import type { Update } from '../passes/resolve-state.js';
import { colocationGroups, type PlacementRequest } from './constraints.js';
import { type Links, type PlacementDevice, usualLinks } from './cost/placement-device.js';
import type { Profile } from './cost/profile.js';
import { costOfTasks, type TaskCost } from './cost/task-cost.js';
import { isConstant } from './is-constant.js';
import { spread } from './place.js';
import { type PlanOptions, planSchedule, type SchedulePlan, usualSearch } from './schedule/plan.js';
import type { Problem } from './schedule/problem.js';
import { scheduleProblem } from './schedule-problem.js';
import { type NodeTask, nodeTasks } from './tasks.js';

export interface AutomaticRequest extends Omit<PlacementRequest, 'devices'> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly updates: readonly Update[];
  readonly devices: readonly PlacementDevice[];
  readonly links?: Links | undefined;
  readonly profile?: Profile | undefined;
  readonly search?: PlanOptions | undefined;
}

/** A placement with what the model says of it. */
export interface AutomaticPlacement {
  readonly placement: ReadonlyMap<Node, string>;
  /** All nodes in the order that was planned. */
  readonly nodes: readonly Node[];
  readonly tasks: readonly NodeTask[];
  readonly costs: readonly TaskCost[];
  readonly devices: readonly PlacementDevice[];
  readonly problem: Problem;
  readonly plan: SchedulePlan;
}

/**
 * Places by the cost model: colocation, hints and supported kinds first, then the schedule with the least time that fits in memory.
 * Errors: PLACEMENT_CONFLICT.
 */
export function placeByCost(request: AutomaticRequest): AutomaticPlacement {
  const { nodes, inputs, devices, profile, search = usualSearch, links = usualLinks } = request;
  const constraints = { ...request, devices: devices.map(({ name }) => name) };
  const colocated = spread(colocationGroups(constraints), constraints);
  const { tasks, groups } = nodeTasks({ nodes, inputs: new Set(inputs), groups: colocated });
  const costs = costOfTasks(tasks, { ...request, profile });
  const problem = scheduleProblem({
    ...request,
    tasks,
    groups,
    costs,
    links,
    // Tasks of a cluster that take part in one run are told to commit it by one more call to each.
    meetingSeconds: devices.some(({ name }) => name.startsWith('/')) ? links.network.latency : 0,
  });
  const plan = planSchedule(problem, search);
  const { order, assignment } = plan.schedule;
  const placement = new Map<Node, string>();
  tasks.forEach(({ nodes: own, group }) => {
    const device = devices[assignment[group] as number] as PlacementDevice;
    for (const node of own) placement.set(node, device.name);
  });
  const used = new Set(
    nodes.filter((node) => !isConstant(node)).map((node) => placement.get(node)),
  );
  // One device alone keeps the order that the passes gave.
  const ordered = used.size === 1 ? nodes : order.flatMap((task) => tasks[task]?.nodes ?? []);
  return { placement, nodes: ordered, tasks, costs, devices, problem, plan };
}
