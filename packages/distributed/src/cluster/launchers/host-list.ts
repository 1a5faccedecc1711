import { clusterError } from '../cluster-error.js';
import type { Host } from './rank-placement.js';

/** The list of `mpirun --host`: `a:2,b` is two slots on a, one on b. Errors: CLUSTER_INVALID, from `source`. */
export function parseHostList(text: string, source: string): Host[] {
  return mergeHosts(
    text.split(',').map((item) => {
      const [, name, slots = '1'] = /^([A-Za-z0-9][\w.-]*)(?::(\d{1,6}))?$/.exec(item.trim()) ?? [];
      if (name !== undefined && Number(slots) > 0) return { name, tasks: Number(slots) };
      throw clusterError(source, `"${item.trim()}" is not a host with its slots.`, {
        fix: 'write it as for mpirun --host: node1:2,node2:2.',
      });
    }),
  );
}

/**
 * The lines of a hostfile of mpirun: `node1 slots=2 max_slots=4`, `#` begins a comment. A line without `slots` is one slot, as
 * in the node files of PBS. Errors: CLUSTER_INVALID, from `source`.
 */
export function parseHostFile(text: string, source: string): Host[] {
  const hosts = text.split(/\r?\n/).flatMap((line, index) => {
    const [name, ...options] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!name) return [];
    const slots = /(?:^|\s)slots\s*=\s*(\d{1,6})(?:\s|$)/.exec(options.join(' '))?.[1] ?? '1';
    const known = /^(?:(?:max[_-])?slots\s*=\s*\d{1,6}(?:\s+|$))*$/.test(options.join(' '));
    if (/^[A-Za-z0-9][\w.-]*$/.test(name) && known && Number(slots) > 0) {
      return [{ name, tasks: Number(slots) }];
    }
    throw clusterError(source, `line ${index + 1}, "${line.trim()}", is not a host.`, {
      fix: 'write lines like: node1 slots=2.',
    });
  });
  if (hosts.length > 0) return mergeHosts(hosts);
  throw clusterError(source, 'it names no host.', { fix: 'write lines like: node1 slots=2.' });
}

/** A host that is named again gets more slots, at its first place. */
function mergeHosts(hosts: readonly Host[]): Host[] {
  const slots = new Map<string, number>();
  for (const { name, tasks } of hosts) slots.set(name, (slots.get(name) ?? 0) + tasks);
  return [...slots].map(([name, tasks]) => ({ name, tasks }));
}
