import type { Node, Tensor } from '../graph/tensor.js';
import type { Update } from '../passes/resolve-state.js';
import type { ColocationGroup } from './constraints.js';
import type { Links, PlacementDevice } from './cost/placement-device.js';
import { type TaskCost, waitsFor } from './cost/task-cost.js';
import { isConstant } from './is-constant.js';
import { tensorBytes } from './place.js';
import type { Problem, ScheduledValue, Task } from './schedule/problem.js';
import { isSource, type NodeTask } from './tasks.js';

export interface ProblemRequest {
  readonly tasks: readonly NodeTask[];
  readonly groups: readonly ColocationGroup[];
  readonly costs: readonly TaskCost[];
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly updates: readonly Update[];
  readonly devices: readonly PlacementDevice[];
  readonly links: Links;
  readonly meetingSeconds: number;
}

/** The numbers of a placement: tasks, values between them, devices and links. */
export const scheduleProblem = (request: ProblemRequest): Problem => new Numbers(request).problem();

class Numbers {
  private readonly request: ProblemRequest;
  private readonly taskOf = new Map<Node, number>();
  private readonly values: ScheduledValue[] = [];
  private readonly places = new Map<Tensor | Node, number>();
  private readonly kept: ReadonlySet<Tensor>;
  private readonly fed: ReadonlySet<Tensor>;

  constructor(request: ProblemRequest) {
    this.request = request;
    request.tasks.forEach(({ nodes }, task) => {
      for (const node of nodes) this.taskOf.set(node, task);
    });
    this.kept = new Set([...request.outputs, ...request.updates.map(({ value }) => value)]);
    this.fed = new Set(request.inputs);
  }

  problem(): Problem {
    const { groups, devices, meetingSeconds } = this.request;
    const processors = [...new Set(devices.map(({ processor }) => processor))];
    return {
      tasks: [...this.request.tasks.map((_, task) => this.task(task)), ...this.commits()],
      values: this.values,
      groups: groups.length,
      devices: devices.map(({ processor, bytes }) => ({
        processor: processors.indexOf(processor),
        bytes,
      })),
      links: devices.map((from) => devices.map((to) => this.link(from, to))),
      feedLinks: devices.map(() => this.feedLink(processors.length)),
      meetingSeconds,
    };
  }

  private task(number: number): Task {
    const { tasks, costs } = this.request;
    const { nodes, group } = tasks[number] as NodeTask;
    const { inputs, seconds } = costs[number] as TaskCost;
    const waits = nodes
      .flatMap(waitsFor)
      .filter((node) => (this.taskOf.get(node) ?? number) !== number);
    return {
      seconds: this.permitted(group, seconds),
      reads: [
        // Constants are in the program of every device that reads them.
        ...inputs.filter(({ node }) => !isConstant(node)).map((input) => this.value(input)),
        ...[...new Set(waits)].map((control) => this.signal(control)),
      ],
      group,
      stateBytes: nodes
        .filter(isSource)
        .reduce((sum, { outputs }) => sum + tensorBytes(outputs[0] as Tensor), 0),
    };
  }

  /** Values that variables take at the end of a run, where no node of their group makes them. */
  private commits(): Task[] {
    const { tasks, updates, devices } = this.request;
    return updates.flatMap(({ variable, value }) => {
      const { group } = tasks[this.taskOf.get(variable.node) as number] as NodeTask;
      const maker = tasks[this.taskOf.get(value.node) as number];
      if (maker?.group === group) return [];
      const seconds = this.permitted(
        group,
        devices.map(() => 0),
      );
      return [{ seconds, reads: [this.value(value)], group, stateBytes: 0 }];
    });
  }

  private permitted(group: number, seconds: readonly number[]): number[] {
    const { groups, devices } = this.request;
    const allowed = groups[group]?.devices ?? [];
    return devices.map(({ name }, device) =>
      allowed.includes(name) ? (seconds[device] as number) : Number.POSITIVE_INFINITY,
    );
  }

  private value(tensor: Tensor): number {
    return this.place(tensor, () => ({
      from: this.fed.has(tensor) ? -1 : (this.taskOf.get(tensor.node) as number),
      bytes: tensorBytes(tensor),
      kept: this.kept.has(tensor),
    }));
  }

  /** The end of a node that another waits for. */
  private signal(node: Node): number {
    return this.place(node, () => ({
      from: this.taskOf.get(node) as number,
      bytes: 0,
      kept: false,
    }));
  }

  private place(key: Tensor | Node, make: () => ScheduledValue): number {
    const known = this.places.get(key);
    if (known !== undefined) return known;
    this.places.set(key, this.values.length);
    return this.values.push(make()) - 1;
  }

  private link(from: PlacementDevice, to: PlacementDevice) {
    const { memory, network } = this.request.links;
    return from.processor === to.processor ? memory : network;
  }

  // Where there is one processor, what is fed is in its memory.
  private feedLink(processors: number) {
    const { memory, network } = this.request.links;
    return processors > 1 ? network : memory;
  }
}
