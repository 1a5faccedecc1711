import type { Device } from '../devices/device.js';
import { param } from '../graph/region.js';
import type { KnownShape } from '../graph/shape.js';
import type { Node, Tensor } from '../graph/tensor.js';
import { lowerPart, orderFrom, type Part } from '../lower/lower.js';
import type { Program } from '../lower/program.js';
import { type PassEffect, type PassSelection, runPasses } from '../passes/index.js';
import { resolveState, type Update } from '../passes/resolve-state.js';
import { specialise } from '../passes/specialise.js';
import { type DevicePart, partition } from '../placement/partition.js';
import { place } from '../placement/place.js';
import { Compiled } from './runs/compiled.js';
import type { State } from './state.js';

export interface CompileRequest {
  readonly fetches: readonly Tensor[];
  /** Fed tensors and the shapes that are fed. */
  readonly feeds: ReadonlyMap<Tensor, KnownShape>;
  /** Variables that the run sets, besides those that the fetches set. */
  readonly sets?: readonly Update[];
  readonly devices: readonly Device[];
  readonly state: State;
  readonly optimise: PassSelection;
}

/** A graph ready for a device, before it is compiled. */
export interface Planned {
  readonly device: Device;
  readonly part: DevicePart;
  readonly program: Program;
}

export interface Plan {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly nodes: readonly Node[];
  readonly placement: ReadonlyMap<Node, string>;
  readonly effects: readonly PassEffect[];
  readonly parts: readonly Planned[];
}

/** From fetches to programs: specialise, resolve state, passes, placement, partition, lowering. */
export function planRun(request: CompileRequest): Plan {
  const { fetches, feeds, devices, state } = request;
  const inputs = [...feeds].map(([{ dtype }, shape]) => param({ dtype, shape }));
  const known = new Map([...feeds.keys()].map((tensor, i) => [tensor, inputs[i] as Tensor]));
  const { results, updates, effects } = passed(request, known);
  const outputs = results.slice(0, fetches.length);
  const given = new Set(inputs);
  const nodes = orderFrom([...results, ...updates.map(({ variable }) => variable)], given);
  const names = devices.map(({ name }) => name);
  const placement = place({ nodes, devices: names, home: (variable) => state.deviceOf(variable) });
  const parts = partition({
    nodes,
    placement,
    inputs,
    outputs,
    updates,
    defaultDevice: names[0] as string,
  });
  const planned = parts.map((part) => {
    const device = devices.find(({ name }) => name === part.device) as Device;
    return { device, part, program: lowerPart(part as Part, device) };
  });
  return { inputs, outputs, nodes, placement, effects, parts: planned };
}

/** The graph of a run after the passes: values of the fetches and new values of variables. */
function passed(
  { fetches, sets = [], optimise }: CompileRequest,
  known: ReadonlyMap<Tensor, Tensor>,
): { results: Tensor[]; updates: Update[]; effects: readonly PassEffect[] } {
  const wanted = [...fetches, ...sets.map(({ value }) => value)];
  const resolved = resolveState(specialise(wanted, known));
  const variables = [...sets, ...resolved.updates].map(({ variable }) => variable);
  const roots = [...resolved.roots, ...resolved.updates.map(({ value }) => value)];
  const { results, effects } = runPasses(roots, optimise);
  const updates = variables.map((variable, i) => ({
    variable,
    value: results[fetches.length + i] as Tensor,
  }));
  return { results, updates, effects };
}

/** Plans a run and compiles its parts. Variables must have been initialised. */
export function compileRun(request: CompileRequest): Compiled {
  const start = performance.now();
  const plan = planRun(request);
  const executables = plan.parts.map(({ device, program }) =>
    device.compile(
      program,
      program.variables.map((variable) => request.state.buffer(variable)),
    ),
  );
  return new Compiled(plan, executables, (performance.now() - start) / 1000);
}
