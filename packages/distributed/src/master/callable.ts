import {
  type CheckedPlacement,
  type DevicePart,
  decodePart,
  encodePart,
  GraphError,
  type OpInfo,
  type PlacementDevice,
  partition,
  type Tensor,
  tensorBytes,
  variablesOf,
} from '@tenon/core';
import type { MakeCallableRequest, VariableUse } from '../protocol/gen/distributed_pb.js';
import type { Homes } from './homes.js';
import type { LivingMember } from './member.js';
import { placeGraph } from './place-graph.js';

/** One part of a graph as it is registered at a worker. */
export interface RegisteredPart {
  readonly graph: number;
  readonly device: string;
  readonly part: Uint8Array<ArrayBuffer>;
  readonly variables: readonly number[];
  readonly inputPlaces: readonly number[];
  readonly outputPlaces: readonly number[];
  readonly updates: boolean;
}

/** The parts of a graph at one worker. */
export interface MemberParts {
  readonly member: LivingMember;
  readonly parts: readonly RegisteredPart[];
}

export interface PlaceOptions {
  /** Names of all devices; what nothing constrains runs on the first. */
  readonly devices: readonly string[];
  readonly homes: Homes;
  readonly ops: Iterable<OpInfo>;
  readonly placement: CheckedPlacement;
  /** How fast the devices are; only where placement is automatic. */
  readonly described: readonly PlacementDevice[];
}

export interface CutOptions extends PlaceOptions {
  readonly members: readonly LivingMember[];
  readonly nextGraph: () => number;
}

/** Places a graph and cuts it into the parts of each worker. Errors: FORMAT_INVALID, PLACEMENT_CONFLICT. */
export function cutGraph(request: MakeCallableRequest, options: CutOptions): MemberParts[] {
  const { members, devices, homes, nextGraph } = options;
  const { part, numbers, placement, nodes } = placedGraph(request, options);
  for (const [tensor, number] of numbers)
    homes.set(number, placement.get(tensor.node) as string, tensorBytes(tensor));
  const { inputs, outputs, updates } = part;
  const defaultDevice = devices[0] as string;
  const cut = partition({ nodes, placement, inputs, outputs, updates, defaultDevice });
  return members.flatMap((member) => {
    const own = cut.filter(({ device }) => device.startsWith(`${member.name}/`));
    const parts = own.map((part) => registered(part, numbers, nextGraph()));
    return parts.length === 0 ? [] : [{ member, parts }];
  });
}

/** The devices that the variables of a graph would get, in their order. Errors: FORMAT_INVALID, PLACEMENT_CONFLICT. */
export function placedVariables(request: MakeCallableRequest, options: PlaceOptions): string[] {
  const { part, placement } = placedGraph(request, options);
  return variablesOf(part).map(({ node }) => placement.get(node) as string);
}

function placedGraph(
  { callable, part: bytes, variables }: MakeCallableRequest,
  { devices, homes, ops, placement, described }: PlaceOptions,
) {
  const part = decodePart(bytes, ops);
  const tensors = variablesOf(part);
  if (tensors.length !== variables.length) {
    throw new GraphError('FORMAT_INVALID', `callable ${callable}`, {
      what: `it has ${tensors.length} variables and comes with numbers for ${variables.length}.`,
    });
  }
  const uses = new Map(tensors.map((tensor, i) => [tensor, variables[i] as VariableUse]));
  const home = (tensor: Tensor) => {
    const { variable = 0, hint = '' } = uses.get(tensor) ?? {};
    // A client that has asked where a variable would go says so by its whole name.
    return homes.get(variable) ?? (devices.includes(hint) ? hint : undefined);
  };
  const numbers = new Map([...uses].map(([tensor, { variable }]) => [tensor, variable]));
  return { part, numbers, ...placeGraph({ part, devices, home, homes, placement, described }) };
}

const registered = (
  part: DevicePart,
  numbers: ReadonlyMap<unknown, number>,
  graph: number,
): RegisteredPart => ({
  graph,
  device: part.device,
  part: encodePart(part),
  variables: variablesOf(part).map((tensor) => numbers.get(tensor) as number),
  inputPlaces: part.inputPlaces,
  outputPlaces: part.outputPlaces,
  updates: part.updates.length > 0,
});
