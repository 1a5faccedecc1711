import { formatAddress } from '../address.js';
import { clusterError } from '../cluster-error.js';

/** A host with the number of processes that were launched on it, or that it has room for. */
export interface Host {
  readonly name: string;
  readonly tasks: number;
}

/** Where a rank runs: the host's place in the list, its name, and which of the host's processes it is. */
export interface PlacedRank {
  readonly node: number;
  readonly host: string;
  readonly local: number;
}

/**
 * Deals `ranks` processes to hosts, `turn` in a row to each host in turn until it is full: Infinity is Slurm's block and Open
 * MPI's by-slot distribution, 1 is cyclic. There may be fewer ranks than room, not more.
 */
export function placeRanks(hosts: readonly Host[], ranks: number, turn: number): PlacedRank[] {
  const placed: PlacedRank[] = [];
  const used = hosts.map(() => 0);
  while (placed.length < ranks) {
    const before = placed.length;
    for (const [node, { name, tasks }] of hosts.entries()) {
      const first = used[node] ?? 0;
      const count = Math.min(turn, tasks - first, ranks - placed.length);
      for (let k = 0; k < count; k++) placed.push({ node, host: name, local: first + k });
      used[node] = first + count;
    }
    if (placed.length === before) break;
  }
  return placed;
}

/** The addresses of placed ranks: the processes of one host have ports in a row from `port`. Errors: CLUSTER_INVALID. */
export function rankAddresses(ranks: readonly PlacedRank[], port: number): string[] {
  return ranks.map(({ host, local }) => {
    if (port + local <= 65_535) return formatAddress({ host, port: port + local });
    throw clusterError(
      'TENON_PORT',
      `process ${local} of ${host} would have port ${port + local}.`,
      {
        fix: 'choose a lower first port.',
      },
    );
  });
}
