import type { Node, Tensor } from '../../graph/tensor.js';
import { type LoweringTarget, lowerPart } from '../../lower/lower.js';
import type { Program } from '../../lower/program.js';
import { isSource, type NodeTask } from '../tasks.js';
import type { PlacementDevice } from './placement-device.js';
import type { Profile } from './profile.js';
import { kernelSeconds } from './rates.js';
import { taskKey } from './task-key.js';
import { type Work, workOf } from './work.js';

/** What a task costs. */
export interface TaskCost {
  /** What profiles know it by. */
  readonly key: string;
  /** Tensors that it takes from other tasks or from outside, and those that it gives. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** By device. */
  readonly seconds: readonly number[];
  /** By device: whether the time was measured. */
  readonly measured: readonly boolean[];
}

export interface CostRequest {
  readonly outputs: readonly Tensor[];
  readonly updates: readonly { readonly variable: Tensor; readonly value: Tensor }[];
  readonly devices: readonly PlacementDevice[];
  readonly profile?: Profile | undefined;
}

/** What each task takes on each device: the median of the profile, else the sum of its kernels by the rates of the device. */
export function costOfTasks(tasks: readonly NodeTask[], request: CostRequest): TaskCost[] {
  const { devices, profile } = request;
  return taskEdges(tasks, request).map(({ inputs, outputs }, i) => {
    const { nodes } = tasks[i] as NodeTask;
    const key = taskKey(nodes, inputs, outputs);
    const works = new Map<string, readonly Work[]>();
    const work = (device: PlacementDevice) => {
      const known = works.get(device.kind) ?? workOf(programOf(nodes, { inputs, outputs }, device));
      works.set(device.kind, known);
      return known;
    };
    const found = devices.map((device) =>
      nodes.every(isSource) ? 0 : profile?.get(device.kind, key),
    );
    const seconds = devices.map(
      (device, place) =>
        found[place] ??
        work(device).reduce((sum, kernel) => sum + kernelSeconds(kernel, device.rates), 0),
    );
    const measured = devices.map(({ kind }) => profile?.get(kind, key) !== undefined);
    return { key, inputs, outputs, seconds, measured };
  });
}

/** Inputs of which a node needs the values, not only the effects. */
export const valuesRead = ({ op, inputs }: Node): readonly Tensor[] =>
  op.definition.effectsOnly ? [] : inputs;

/** Nodes that a node waits for without their values. */
export const waitsFor = ({ op, inputs, controls }: Node): readonly Node[] =>
  op.definition.effectsOnly ? [...controls, ...inputs.map(({ node }) => node)] : controls;

interface Edges {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** The program of a task alone, as a device gets it. */
export const programOf = (
  nodes: readonly Node[],
  { inputs, outputs }: Edges,
  target: LoweringTarget,
): Program => lowerPart({ nodes, inputs, outputs, updates: [] }, target);

/** For each task what it takes and gives. */
function taskEdges(
  tasks: readonly NodeTask[],
  { outputs, updates }: Pick<CostRequest, 'outputs' | 'updates'>,
): Edges[] {
  const taskOf = new Map(tasks.flatMap(({ nodes }, i) => nodes.map((node) => [node, i] as const)));
  const wanted = new Set([...outputs, ...updates.map(({ value }) => value)]);
  const inputs = tasks.map(() => new Set<Tensor>());
  tasks.forEach(({ nodes }, i) => {
    for (const input of nodes.flatMap(valuesRead)) {
      if (taskOf.get(input.node) === i) continue;
      inputs[i]?.add(input);
      wanted.add(input);
    }
  });
  return tasks.map(({ nodes }, i) => ({
    inputs: [...(inputs[i] as Set<Tensor>)],
    outputs: nodes.flatMap((node) => node.outputs.filter((output) => wanted.has(output))),
  }));
}
