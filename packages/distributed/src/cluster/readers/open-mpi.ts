import { clusterError } from '../cluster-error.js';
import { parseCount, readCount, readPort, readVariable, requireVariable } from '../environment.js';
import { parseHostFile, parseHostList } from '../launchers/host-list.js';
import { type Host, placeRanks, rankAddresses } from '../launchers/rank-placement.js';
import { rankedCluster } from '../ranked-cluster.js';
import { readRoles } from '../roles.js';
import type { ClusterReader, ReaderInput } from './reader.js';

const source = 'Open MPI (OMPI_COMM_WORLD_RANK, OMPI_COMM_WORLD_SIZE)';

const byMpirun = 'launch the process by mpirun, which sets it.';

const passHosts =
  'pass the same list to both: mpirun --map-by slot --host a:2,b:2 -x TENON_HOSTS=a:2,b:2, or TENON_HOSTFILE with the path of the hostfile.';

/**
 * Processes launched by `mpirun`. Open MPI tells a process its rank, the number of ranks and its place on its host, but not which
 * hosts there are: those come from `TENON_HOSTS` or `TENON_HOSTFILE`, filled by slot; if all ranks share this host, none is
 * needed. Source: Open MPI 4.1 and 5.0, "Environment variables that mpirun sets". Errors: CLUSTER_INVALID.
 */
export const openMpi: ClusterReader = (input) => {
  const { environment } = input;
  const rankText = readVariable(environment, 'OMPI_COMM_WORLD_RANK');
  if (rankText === undefined) return undefined;
  const rank = parseCount(rankText, 'OMPI_COMM_WORLD_RANK');
  const sizeName = 'OMPI_COMM_WORLD_SIZE';
  const size = parseCount(requireVariable(environment, sizeName, byMpirun), sizeName);
  const placed = placeRanks(hostsOf(input, size), size, Number.POSITIVE_INFINITY);
  if (placed.length < size) {
    throw clusterError(source, `the hosts have ${placed.length} slots for ${size} ranks.`, {
      fix: passHosts,
    });
  }
  checkLocal(
    input,
    placed.map(({ node }) => node),
    rank,
  );
  const addresses = rankAddresses(placed, readPort(environment));
  return { source, ...rankedCluster({ addresses, rank, roles: readRoles(environment), source }) };
};

function hostsOf({ environment, readFile }: ReaderInput, size: number): readonly Host[] {
  const list = readVariable(environment, 'TENON_HOSTS');
  if (list !== undefined) return parseHostList(list, 'TENON_HOSTS');
  const path = readVariable(environment, 'TENON_HOSTFILE');
  if (path !== undefined) return parseHostFile(readHostFile(path, readFile), path);
  if (readCount(environment, 'OMPI_COMM_WORLD_LOCAL_SIZE') === size) {
    return [{ name: '127.0.0.1', tasks: size }];
  }
  throw clusterError(source, 'the ranks are on several hosts, and Open MPI does not tell which.', {
    fix: passHosts,
  });
}

function readHostFile(path: string, readFile: ReaderInput['readFile']): string {
  try {
    return new TextDecoder().decode(readFile(path));
  } catch (cause) {
    throw clusterError('TENON_HOSTFILE', `${path} cannot be read: ${(cause as Error).message}.`, {
      fix: 'name a hostfile that every host has at this path.',
      cause,
    });
  }
}

/** Another mapping than by slot would give wrong addresses: what mpirun tells of this host must agree. */
function checkLocal({ environment }: ReaderInput, nodes: readonly number[], rank: number): void {
  const node = nodes[rank];
  const derived = {
    OMPI_COMM_WORLD_LOCAL_SIZE: nodes.filter((other) => other === node).length,
    OMPI_COMM_WORLD_LOCAL_RANK: nodes.slice(0, rank).filter((other) => other === node).length,
  };
  if (node === undefined) return;
  for (const [name, expected] of Object.entries(derived)) {
    const told = readCount(environment, name);
    if (told === undefined || told === expected) continue;
    throw clusterError(
      name,
      `it is ${told}, but rank ${rank} would have ${expected} if the hosts were filled slot by slot.`,
      {
        fix: passHosts,
      },
    );
  }
}
