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
import type { LivingMember } from './members/member.js';
import { placeGraph } from './place-graph.js';

/** One part of a graph as it is registered at a worker. */
export interface RegisteredPart {
  readonly graph: number;
  readonly device: string;
  readonly variables: readonly number[];
  readonly inputPlaces: readonly number[];
  readonly outputPlaces: readonly number[];
  readonly updates: boolean;
}

/** The same with what a worker compiles. */
interface CutPart extends RegisteredPart {
  readonly part: Uint8Array<ArrayBuffer>;
}

/** The parts of a graph at one worker. */
export interface MemberParts<P extends RegisteredPart = RegisteredPart> {
  readonly member: LivingMember;
  readonly parts: readonly P[];
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
export function cutGraph(
  request: MakeCallableRequest,
  options: CutOptions,
): MemberParts<CutPart>[] {
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
    const { variable = 0, hint = '', beside = 0 } = uses.get(tensor) ?? {};
    // A client that has asked where a variable would go says so by its whole name.
    const named = devices.includes(hint) ? hint : undefined;
    return homes.get(variable) ?? named ?? homes.get(beside);
  };
  const tensorOf = new Map([...uses].map(([tensor, { variable }]) => [variable, tensor]));
  const beside = (tensor: Tensor) => tensorOf.get(uses.get(tensor)?.beside ?? 0);
  const numbers = new Map([...uses].map(([tensor, { variable }]) => [tensor, variable]));
  const request = { part, devices, home, beside, homes, placement, described };
  return { part, numbers, ...placeGraph(request) };
}

const registered = (
  part: DevicePart,
  numbers: ReadonlyMap<unknown, number>,
  graph: number,
): CutPart => ({
  graph,
  device: part.device,
  part: encodePart(part),
  variables: variablesOf(part).map((tensor) => numbers.get(tensor) as number),
  inputPlaces: part.inputPlaces,
  outputPlaces: part.outputPlaces,
  updates: part.updates.length > 0,
});

/** The parts without what only their workers need. */
export const registeredParts = (cut: readonly MemberParts<CutPart>[]): MemberParts[] =>
  cut.map(({ member, parts }) => ({ member, parts: parts.map(({ part: _, ...kept }) => kept) }));

interface CallsOfSession {
  readonly session: string;
  /** Milliseconds that a call to a worker may take. */
  readonly timeoutMs: number;
}

/** Lets the workers compile their parts; settles when all have answered. Errors: that of the first that failed. */
export async function registerParts(
  cut: readonly MemberParts<CutPart>[],
  { session, timeoutMs }: CallsOfSession,
): Promise<void> {
  const ends = await Promise.allSettled(
    cut.flatMap(({ member: { connection, incarnation }, parts }) =>
      parts.map(({ graph, device, part, variables }) =>
        connection.calls.registerGraph(
          { session, incarnation, graph, device, part, variables: [...variables] },
          { timeoutMs },
        ),
      ),
    ),
  );
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Takes parts back from the workers. */
export async function deregisterParts(
  cut: readonly MemberParts[],
  { session, timeoutMs }: CallsOfSession,
): Promise<void> {
  await Promise.all(
    cut.map(({ member, parts }) =>
      member.connection.calls.deregisterGraph(
        { session, graphs: parts.map(({ graph }) => graph) },
        { timeoutMs },
      ),
    ),
  );
}
