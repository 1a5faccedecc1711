import { GraphError, parseOptions } from '@tenon/core';
import type { Strategy } from '@tenon/layers';
import { z } from 'zod';
import { Asynchronous } from '../coordinator/protocols/asynchronous.js';
import { CommitSets } from '../coordinator/protocols/commit-sets.js';
import { Hybrid } from '../coordinator/protocols/hybrid.js';
import type { UpdateProtocol } from '../coordinator/protocols/update-protocol.js';
import { allReduce, allReduceConfig } from '../replicas/all-reduce.js';
import { ParameterServerTrainer } from './chief/parameter-server-trainer.js';
import { connectedTasks, type TrainingCluster } from './training-cluster.js';

const count = z.int().min(1);

const common = {
  /** Replicas that compute; all tasks of job `worker` when left out. */
  replicas: count.optional(),
  /** Where replicas and parameter servers are: a local cluster; the one of TENON_MASTER when left out. */
  cluster: z.custom<TrainingCluster>((given) => typeof given === 'object').optional(),
  /**
   * With `rows`, only the rows that a batch looks up of an embedding are pulled and updated, so a step takes as long whatever the size
   * of the table; with momentum, Adam or RMSprop, rows that are not looked up keep their value and slots. `whole` treats embeddings as all
   * other weights, as does `rows` where a weight is read otherwise than by lookups, or under clipNorm, globalClipNorm or weightDecay.
   */
  embeddings: z.enum(['rows', 'whole']).default('rows'),
  /**
   * Bytes, with the slots of its optimizer, from which on a weight that is more than a server's share of all is split by rows over all
   * servers; smaller ones lie whole on one server, as do all under clipNorm. Infinity splits none. Default 256 KiB.
   */
  splitBytes: z
    .number()
    .min(0)
    .or(z.literal(Number.POSITIVE_INFINITY))
    .default(2 ** 18),
  /** Updates between two snapshots of the parameters, to which training goes back when a parameter server is lost. */
  checkpointEvery: count.default(100),
  /** Milliseconds after which a replica that says nothing is counted out. */
  leaseMs: count.default(10_000),
  /** Milliseconds without an update after which training fails. */
  timeoutMs: count.default(120_000),
};

const staleness = {
  /** An update may be computed from parameters that are this many versions old; older ones are computed again. */
  maxStaleness: z.int().min(0).optional(),
  /** No replica, or group, is more than this many updates ahead of the slowest. */
  clockBound: z.int().min(0).optional(),
  /** Scale the rate of an update by 1 / (1 + staleness). */
  rateScaling: z.boolean().default(false),
};

const config = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('sync'),
    /** Replicas that may be late: an update takes the first `replicas - backups` gradients. */
    backups: z.int().min(0).default(0),
    ...common,
  }),
  z.strictObject({ mode: z.literal('async'), ...staleness, ...common }),
  z.strictObject({
    mode: z.literal('hybrid'),
    /** Groups of replicas: synchronous inside, asynchronous among each other. */
    groups: count,
    /** Replicas of each group that may be late. */
    backups: z.int().min(0).default(0),
    ...staleness,
    ...common,
  }),
  allReduceConfig,
]);

type OverServers = Exclude<z.output<typeof config>, { mode: 'allReduce' }>;

export type DataParallelOptions = z.input<typeof config>;

/**
 * Replicas of the model, each with a part of the data, and parameters on servers. An update always takes `batchSize` examples of
 * `fit`: `sync` splits a batch over m = replicas - backups replicas, `hybrid` over those of a group, `async` gives each batch to one.
 * `allReduce` needs neither servers nor a cluster: threads or processes of this machine, each with all weights, add up their gradients.
 * Errors: ATTRIBUTE_INVALID; in training UNAVAILABLE, DEADLINE_EXCEEDED, and those of the tasks.
 *
 * @example
 * const cluster = await createLocalCluster({ workers: 3, parameterServers: 1 });
 * await model.fit(x, y, { strategy: dataParallel({ mode: 'sync', backups: 1, cluster }) });
 */
export function dataParallel(options: DataParallelOptions): Strategy {
  const given = parseOptions('dataParallel', config, options);
  return given.mode === 'allReduce' ? allReduce(given) : overServers(given);
}

function overServers(given: OverServers): Strategy {
  return {
    async begin(model) {
      const { cluster, checkpointEvery, embeddings, splitBytes, leaseMs, timeoutMs } = given;
      const { workers, servers, dial } = await connectedTasks(cluster);
      const replicas = given.replicas ?? workers.length;
      if (workers.length < replicas) {
        throw invalid(
          `${replicas} replicas need as many workers; the cluster has ${workers.length}`,
        );
      }
      const { parts, maxStaleness, protocol } = modeOf(given, replicas);
      return new ParameterServerTrainer(model, {
        replicas: workers.slice(0, replicas),
        // Without servers, parameters live beside the replicas.
        servers: servers.length > 0 ? servers : workers,
        dial,
        protocol,
        parts,
        maxStaleness,
        checkpointEvery,
        embeddings,
        splitBytes,
        leaseMs,
        retryMs: Math.max(1, Math.min(200, leaseMs / 10)),
        timeoutMs,
      });
    },
  };
}

interface Mode {
  readonly parts: number;
  readonly maxStaleness: number;
  readonly protocol: () => UpdateProtocol;
}

function modeOf(given: OverServers, replicas: number): Mode {
  const leaseTime = given.leaseMs;
  if (given.mode === 'sync') {
    const take = fewer(replicas, given.backups);
    const protocol = () => new CommitSets({ take, leaseTime });
    return { parts: take, maxStaleness: 0, protocol };
  }
  const { clockBound, rateScaling } = given;
  const units = given.mode === 'async' ? replicas : given.groups;
  // Each of the others may finish a step or two while one computes.
  const maxStaleness = given.maxStaleness ?? 4 * units;
  const bounds = {
    leaseTime,
    maxStaleness,
    rateScaling,
    ...(clockBound === undefined ? {} : { clockBound }),
  };
  if (given.mode === 'async') {
    return { parts: 1, maxStaleness, protocol: () => new Asynchronous(bounds) };
  }
  if (replicas % given.groups !== 0) {
    throw invalid(`${replicas} replicas do not make ${given.groups} groups of one size`);
  }
  const take = fewer(replicas / given.groups, given.backups);
  const protocol = () => new Hybrid({ ...bounds, take, groups: given.groups });
  return { parts: take, maxStaleness, protocol };
}

function fewer(replicas: number, backups: number): number {
  if (backups < replicas) return replicas - backups;
  throw invalid(`of ${replicas} replicas ${backups} can not be backups`);
}

const invalid = (what: string): GraphError =>
  new GraphError('ATTRIBUTE_INVALID', 'dataParallel', {
    what: `${what}.`,
    fix: 'give fewer replicas, groups or backups, or start more workers.',
  });
