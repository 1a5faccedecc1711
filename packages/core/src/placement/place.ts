import { dtypes } from '../graph/dtype.js';
import { type KnownShape, sizeOf } from '../graph/shape.js';
import type { Node, Tensor } from '../graph/tensor.js';
import { besideVariables } from './beside-variables.js';
import { type ColocationGroup, colocationGroups, type PlacementRequest } from './constraints.js';
import { asksForStorage } from './hint.js';
import { spreadByBytes } from './spread.js';

/**
 * Chooses a device for every node. Updates and reads stay with their variable, hints are obeyed, what is open goes to the first device
 * that meets them. New variables whose hint only names a job away from where computing happens, as `/job:ps` does, are spread over
 * its devices by bytes. Errors: PLACEMENT_CONFLICT when hints contradict each other or name no device.
 */
export function place(request: PlacementRequest): Map<Node, string> {
  const groups = spread(colocationGroups(request), request);
  return new Map(
    groups.flatMap(({ nodes, devices }) =>
      nodes.map((node) => [node, devices[0] as string] as const),
    ),
  );
}

/** The groups, those of variables that are only to be stored with one device each. */
export function spread(
  groups: readonly ColocationGroup[],
  { devices, heldBytes }: PlacementRequest,
): ColocationGroup[] {
  const stored = groups.filter(
    (group) =>
      group.devices.length > 1 &&
      group.nodes.some(
        ({ op, device }) =>
          op.role === 'variable' && device !== undefined && asksForStorage(device, devices),
      ),
  );
  const items = stored.map((group) => ({ bytes: stateBytes(group), devices: group.devices }));
  const chosen = new Map(
    spreadByBytes(items, devices, heldBytes).map((device, i) => [stored[i], device]),
  );
  const known = groups.map((group) => {
    const device = chosen.get(group);
    return device === undefined ? group : { ...group, devices: [device] };
  });
  return besideVariables(known, devices);
}

/** Bytes of the variables of a group. */
export const stateBytes = ({ nodes }: ColocationGroup): number =>
  nodes
    .filter(({ op }) => op.role === 'variable')
    .reduce((sum, { outputs }) => sum + tensorBytes(outputs[0] as Tensor), 0);

/** Bytes of a value whose sizes are known. */
export const tensorBytes = ({ dtype, shape }: Tensor): number =>
  sizeOf(shape as KnownShape) * dtypes[dtype].bytes;
