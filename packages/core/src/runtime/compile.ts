import type { Device } from '../devices/device.js';
import { param } from '../graph/region.js';
import type { KnownShape } from '../graph/shape.js';
import type { Node, Tensor } from '../graph/tensor.js';
import { lowerPart, orderFrom, variablesOf } from '../lower/lower.js';
import type { Program } from '../lower/program.js';
import { type PassEffect, type PassSelection, runPasses } from '../passes/index.js';
import { resolveState, type Update } from '../passes/resolve-state.js';
import { specialise } from '../passes/specialise.js';
import type { AutomaticPlacement } from '../placement/automatic.js';
import { type DevicePart, partition } from '../placement/partition.js';
import type { CheckedPlacement } from '../placement/placement-options.js';
import { layOut } from '../sharding/lay-out.js';
import { placeRun } from './place-run.js';
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
  /** Hints and the first device, where left out. */
  readonly placement?: CheckedPlacement;
}

/** A graph ready for a device, before it is compiled. */
export interface Planned {
  readonly device: Device;
  readonly part: DevicePart;
  /** None where the device takes parts. */
  readonly program: Program | undefined;
}

export interface Plan {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly nodes: readonly Node[];
  readonly placement: ReadonlyMap<Node, string>;
  /** What the cost model says, where it has placed. */
  readonly automatic: AutomaticPlacement | undefined;
  readonly effects: readonly PassEffect[];
  readonly parts: readonly Planned[];
}

/** From fetches to programs: specialise, resolve state, passes, placement, partition, lowering. */
export function planRun(request: CompileRequest): Plan {
  const { fetches, feeds, devices } = request;
  const inputs = [...feeds].map(([{ dtype }, shape]) => param({ dtype, shape }));
  const known = new Map([...feeds.keys()].map((tensor, i) => [tensor, inputs[i] as Tensor]));
  const { results, updates, effects } = passed(request, known);
  const outputs = results.slice(0, fetches.length);
  const given = new Set(inputs);
  const nodes = orderFrom([...results, ...updates.map(({ variable }) => variable)], given);
  const placed = placeRun(request, { nodes, inputs, outputs, updates });
  const parts = partition({ ...placed, inputs, outputs, updates });
  const planned = parts.map((part) => {
    const device = devices.find(({ name }) => name === part.device) as Device;
    return { device, part, program: device.compilePart ? undefined : lowerPart(part, device) };
  });
  const { placement, automatic } = placed;
  return { inputs, outputs, nodes, placement, automatic, effects, parts: planned };
}

/** The graph of a run after the passes: values of the fetches and new values of variables. */
function passed(
  { fetches, sets = [], optimise, state }: CompileRequest,
  known: ReadonlyMap<Tensor, Tensor>,
): { results: Tensor[]; updates: Update[]; effects: readonly PassEffect[] } {
  const wanted = [...fetches, ...sets.map(({ value }) => value)];
  const resolved = resolveState(specialise(wanted, known));
  const given = sets.map(({ variable }, i) => ({
    variable,
    value: resolved.roots[fetches.length + i] as Tensor,
  }));
  const laid = layOut(
    {
      roots: resolved.roots.slice(0, fetches.length),
      updates: [...given, ...resolved.updates],
    },
    state.hasLayouts ? (variable) => state.pieces(variable) : undefined,
  );
  const roots = [...laid.roots, ...laid.updates.map(({ value }) => value)];
  const { results, effects } = runPasses(roots, optimise);
  const updates = laid.updates.map(({ variable }, i) => ({
    variable,
    value: results[fetches.length + i] as Tensor,
  }));
  return { results, updates, effects };
}

/** Plans a run and compiles its parts. Variables must have been initialised. */
export function compileRun(request: CompileRequest): Compiled {
  const start = performance.now();
  const plan = planRun(request);
  const buffers = (variables: readonly Tensor[]) =>
    variables.map((variable) => request.state.buffer(variable));
  const executables = plan.parts.map(({ device, part, program }) =>
    program
      ? device.compile(program, buffers(program.variables))
      : (device as Required<Device>).compilePart(part, buffers(variablesOf(part))),
  );
  return new Compiled(plan, executables, (performance.now() - start) / 1000);
}
