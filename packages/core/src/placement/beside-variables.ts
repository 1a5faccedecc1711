import type { Node } from '../graph/tensor.js';
import type { ColocationGroup } from './constraints.js';
import { asksForStorage } from './hint.js';

/**
 * Narrows groups whose hint names a job for storage only, once it is known where the variables are: what is computed there goes to
 * the variable that it is for, else to the one that it comes from.
 */
export function besideVariables(
  groups: readonly ColocationGroup[],
  devices: readonly string[],
): ColocationGroup[] {
  const result = [...groups];
  const open = groups.flatMap((group, i) => (isOpen(group, devices) ? [i] : []));
  if (open.length === 0) return result;
  const groupOf = new Map(
    groups.flatMap(({ nodes }, i) => nodes.map((node) => [node, i] as const)),
  );
  const readers = readersOf(groups);
  const narrow = (i: number, neighbours: (node: Node) => readonly Node[]): void => {
    const group = result[i] as ColocationGroup;
    if (group.devices.length === 1) return;
    const near = group.nodes
      .flatMap(neighbours)
      .map((node) => result[groupOf.get(node) ?? -1]?.devices ?? [])
      .find(({ length, 0: device }) => length === 1 && group.devices.includes(device as string));
    if (near) result[i] = { ...group, devices: near };
  };
  for (const i of [...open].reverse()) narrow(i, (node) => readers.get(node) ?? []);
  for (const i of open) narrow(i, ({ inputs }) => inputs.map(({ node }) => node));
  return result;
}

const isOpen = (group: ColocationGroup, devices: readonly string[]): boolean =>
  group.devices.length > 1 &&
  group.nodes.some(({ device }) => device !== undefined && asksForStorage(device, devices));

function readersOf(groups: readonly ColocationGroup[]): ReadonlyMap<Node, readonly Node[]> {
  const readers = new Map<Node, Node[]>();
  for (const reader of groups.flatMap(({ nodes }) => nodes)) {
    for (const { node } of reader.inputs) {
      const known = readers.get(node);
      if (known) known.push(reader);
      else readers.set(node, [reader]);
    }
  }
  return readers;
}
