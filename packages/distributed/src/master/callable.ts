import {
  type DevicePart,
  decodePart,
  encodePart,
  GraphError,
  type OpInfo,
  partition,
  place,
  variablesOf,
} from '@tenon/core';
import type { MakeCallableRequest, VariableUse } from '../protocol/gen/distributed_pb.js';
import type { LivingMember } from './member.js';

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

export interface CutOptions {
  readonly members: readonly LivingMember[];
  /** Names of all devices; what nothing constrains runs on the first. */
  readonly devices: readonly string[];
  /** The devices of variables by their numbers; those of new ones are added. */
  readonly homes: Map<number, string>;
  readonly ops: Iterable<OpInfo>;
  readonly nextGraph: () => number;
}

/** Places a graph and cuts it into the parts of each worker. Errors: FORMAT_INVALID, PLACEMENT_CONFLICT. */
export function cutGraph(
  { callable, part: bytes, variables }: MakeCallableRequest,
  { members, devices, homes, ops, nextGraph }: CutOptions,
): MemberParts<CutPart>[] {
  const whole = decodePart(bytes, ops);
  const { nodes, inputs, outputs, updates } = whole;
  const tensors = variablesOf(whole);
  if (tensors.length !== variables.length) {
    throw new GraphError('FORMAT_INVALID', `callable ${callable}`, {
      what: `it has ${tensors.length} variables and comes with numbers for ${variables.length}.`,
    });
  }
  const numbers = new Map(
    tensors.map((tensor, i) => [tensor, (variables[i] as VariableUse).variable]),
  );
  const placement = place({
    nodes,
    devices,
    home: (tensor) => homes.get(numbers.get(tensor) ?? -1),
  });
  for (const [{ node }, number] of numbers) homes.set(number, placement.get(node) as string);
  const defaultDevice = devices[0] as string;
  const cut = partition({ nodes, placement, inputs, outputs, updates, defaultDevice });
  return members.flatMap((member) => {
    const own = cut.filter(({ device }) => device.startsWith(`${member.name}/`));
    const parts = own.map((part) => registered(part, numbers, nextGraph()));
    return parts.length === 0 ? [] : [{ member, parts }];
  });
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
