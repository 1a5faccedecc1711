import { indexedJob } from './indexed-job.js';
import { jobset } from './jobset.js';
import { openMpi } from './open-mpi.js';
import { ownJson } from './own-json.js';
import type { ClusterReader } from './reader.js';
import { slurm } from './slurm.js';
import { tfConfig } from './tf-config.js';

/**
 * All readers, in the order in which they are tried. What a person wrote comes before what a launcher set; the pods of a JobSet
 * are those of Indexed Jobs too; and `mpirun` inside of a Slurm job leaves Slurm's variables, which then describe its daemons.
 */
export const clusterReaders = {
  'own-json': ownJson,
  'tf-config': tfConfig,
  jobset,
  'indexed-job': indexedJob,
  'open-mpi': openMpi,
  slurm,
} as const satisfies Readonly<Record<string, ClusterReader>>;

export type ClusterReaderName = keyof typeof clusterReaders;
