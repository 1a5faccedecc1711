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
import { type LivingMember, ratesOfMember } from './members/member.js';

/** Options as a client sends them. Errors: FORMAT_INVALID, ATTRIBUTE_INVALID. */
export function readPlacement(json: string): CheckedPlacement {
  if (json === '') return checkedPlacement();
  try {
    return placementOf(JSON.parse(json));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new GraphError('FORMAT_INVALID', 'placement', { what: 'it is not JSON.', cause });
  }
}

/** The same of JSON that was read. Errors: FORMAT_INVALID, ATTRIBUTE_INVALID. */
export function placementOf(options: unknown): CheckedPlacement {
  if (typeof options !== 'object' || options === null)
    throw new GraphError('FORMAT_INVALID', 'placement', { what: 'it is no object.' });
  const { profile, ...rest } = options as { readonly profile?: unknown };
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
  readonly beside: (variable: Tensor) => Tensor | undefined;
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
  const { part, devices, home, beside, homes, placement: options, described } = request;
  const { nodes, inputs, outputs, updates } = part;
  const { heldBytes } = homes;
  const constraints = { nodes, home, beside, soft: options.soft, heldBytes };
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
  /** The number of the variable beside which it is to lie; 0: none. */
  readonly beside: number;
  readonly bytes: number;
}

/**
 * The devices of such variables; those whose hint names a job for storage only are spread by bytes, with what is to lie beside them.
 * Errors: PLACEMENT_CONFLICT.
 */
export function placeVariables(
  fresh: readonly FreshVariable[],
  devices: readonly string[],
  { soft, homes }: { readonly soft: boolean; readonly homes: Homes },
): string[] {
  const byNumber = new Map(fresh.map((own) => [own.variable, own]));
  const leads = fresh.map((own) => {
    const other = byNumber.get(own.beside);
    return other && !byNumber.has(other.beside) ? other : own;
  });
  const bytesOf = new Map<FreshVariable, number>();
  fresh.forEach(({ bytes }, i) => {
    const lead = leads[i] as FreshVariable;
    bytesOf.set(lead, (bytesOf.get(lead) ?? 0) + bytes);
  });
  const items = [...bytesOf].map(([lead, bytes]) => ({
    bytes,
    devices: possibleDevices(lead, devices, { soft, homes }),
  }));
  const chosen = spreadByBytes(items, devices, homes.heldBytes);
  const devicesOf = new Map([...bytesOf.keys()].map((lead, i) => [lead, chosen[i] as string]));
  return leads.map((lead) => devicesOf.get(lead) as string);
}

function possibleDevices(
  { variable, hint, beside }: FreshVariable,
  devices: readonly string[],
  { soft, homes }: { readonly soft: boolean; readonly homes: Homes },
): readonly string[] {
  const near = homes.get(beside);
  if (near !== undefined) return [near];
  if (hint === '') return devices.slice(0, 1);
  const found = soft ? softDevicesFor(hint, devices) : devicesFor(hint, devices);
  if (found.length === 0) {
    throw new GraphError('PLACEMENT_CONFLICT', `variable ${variable}`, {
      what: `no device of the cluster fits ${hint}.`,
      fix: `devices: ${devices.join(', ')}.`,
    });
  }
  return asksForStorage(hint, devices) ? found : found.slice(0, 1);
}
