import {
  asksForStorage,
  type CheckedPlacement,
  checkedPlacement,
  devicesFor,
  GraphError,
  type Node,
  type Part,
  type PlacementDevice,
  Profile,
  place,
  placeByCost,
  softDevicesFor,
  spreadByBytes,
  type Tensor,
} from '@tenon/core';
import type { Homes } from './homes.js';
import { type LivingMember, ratesOfMember } from './member.js';

/** Options as a client sends them. Errors: FORMAT_INVALID, ATTRIBUTE_INVALID. */
export function readPlacement(json: string): CheckedPlacement {
  if (json === '') return checkedPlacement();
  let options: { profile?: unknown };
  try {
    options = JSON.parse(json);
  } catch (cause) {
    throw new GraphError('FORMAT_INVALID', 'placement', { what: 'it is not JSON.', cause });
  }
  const { profile, ...rest } = options;
  return checkedPlacement({
    ...rest,
    ...(profile === undefined ? {} : { profile: Profile.fromJson(profile) }),
  });
}

export interface GraphPlacementRequest {
  readonly part: Part;
  /** Names of all devices. */
  readonly devices: readonly string[];
  readonly home: (variable: Tensor) => string | undefined;
  readonly homes: Homes;
  readonly placement: CheckedPlacement;
  /** How fast the devices are; only where placement is automatic. */
  readonly described: readonly PlacementDevice[];
}

/** The device of every node, and an order in which the nodes can run. Errors: PLACEMENT_CONFLICT. */
export function placeGraph(request: GraphPlacementRequest): {
  readonly placement: ReadonlyMap<Node, string>;
  readonly nodes: readonly Node[];
} {
  const { part, devices, home, homes, placement: options, described } = request;
  const { nodes, inputs, outputs, updates } = part;
  const constraints = { nodes, home, soft: options.soft, heldBytes: homes.heldBytes };
  if (!options.automatic) return { placement: place({ ...constraints, devices }), nodes };
  return placeByCost({
    ...options,
    ...constraints,
    inputs,
    outputs,
    updates,
    devices: described,
  });
}

/** The devices of all workers with how fast they are. One worker after the other measures, so that they do not slow each other down. */
export async function describedDevices(
  members: readonly LivingMember[],
  timeoutMs: number,
): Promise<PlacementDevice[]> {
  const described: PlacementDevice[] = [];
  for (const member of members) {
    for (const { name, kind, bytes, rates } of await ratesOfMember(member, timeoutMs)) {
      const { fuses = false, sweeps = false, productFlops, elementOps, launch } = rates;
      described.push({
        name,
        kind,
        bytes,
        rates: { productFlops, elementOps, bytes: rates.bytes, launch },
        processor: member.name,
        fuses,
        sweeps,
        finishes: () => fuses,
      });
    }
  }
  return described;
}

/** A variable that is set before a graph uses it. */
export interface FreshVariable {
  readonly variable: number;
  readonly hint: string;
  readonly bytes: number;
}

/** The devices of such variables; those whose hint names a job for storage only are spread by bytes. Errors: PLACEMENT_CONFLICT. */
export function placeVariables(
  fresh: readonly FreshVariable[],
  devices: readonly string[],
  { soft, homes }: { readonly soft: boolean; readonly homes: Homes },
): string[] {
  const items = fresh.map(({ variable, hint, bytes }) => {
    if (hint === '') return { bytes, devices: devices.slice(0, 1) };
    const found = soft ? softDevicesFor(hint, devices) : devicesFor(hint, devices);
    if (found.length === 0) {
      throw new GraphError('PLACEMENT_CONFLICT', `variable ${variable}`, {
        what: `no device of the cluster fits ${hint}.`,
        fix: `devices: ${devices.join(', ')}.`,
      });
    }
    return { bytes, devices: asksForStorage(hint, devices) ? found : found.slice(0, 1) };
  });
  return spreadByBytes(items, devices, homes.heldBytes);
}
