import { GraphError } from '@tenon/core';
import type { Strategy, Trainable } from '@tenon/layers';
import { z } from 'zod';
import { AllReduceTrainer } from './all-reduce-trainer.js';
import { processReplicas } from './processes/process-replicas.js';
import { threadReplicas } from './threads/thread-replicas.js';

export const allReduceConfig = z.strictObject({
  mode: z.literal('allReduce'),
  /** Copies of the model, each of which gets its share of every batch. */
  replicas: z.int().min(1).default(2),
  /** Whether each is a process of its own; else a thread of this one. */
  processes: z.boolean().default(false),
  /**
   * A module that exports `devices`, a function that makes those of a replica, and `ops` where graphs use ops of one's own. May be
   * left out where the model runs on a js device: each replica then has one.
   */
  devices: z.instanceof(URL).optional(),
  /** The most bytes of gradients that are added up at once; they leave while the backward pass goes on. */
  bucketBytes: z
    .number()
    .min(1)
    .default(2 ** 22),
  /** How float32 travels: `bfloat16` halves the bytes and keeps 8 bits of each partial sum. */
  wire: z.enum(['exact', 'bfloat16']).default('exact'),
  /** Milliseconds within which the replicas must come to the end of a sum; the first step compiles. */
  timeoutMs: z.int().min(1).default(120_000),
  /** Compare the state of all replicas after every so many steps; 0 never. */
  checkEvery: z.int().min(0).default(0),
  /** How often in an epoch lost replicas are started again before the epoch fails. */
  restarts: z.int().min(0).default(3),
  /** Told of each replica that is started again. */
  onRestart: z.custom<(replica: string) => void>((given) => typeof given === 'function').optional(),
});

/**
 * Training without parameter servers: each replica has all weights, computes the gradients of its share of a batch, and applies
 * their sum over all replicas. Up to rounding it is what one process does with the whole batch; layers that draw random numbers draw
 * others on each replica, and batch normalisation normalises each share by itself. Where an epoch fails, the model has the state from
 * before it. Metrics must have states that add up.
 * Errors: ATTRIBUTE_INVALID without `devices` where they are needed; UNAVAILABLE, DEADLINE_EXCEEDED, and those of the graph.
 */
export const allReduce = ({
  devices,
  processes,
  onRestart,
  timeoutMs: deadline,
  ...config
}: Omit<z.output<typeof allReduceConfig>, 'mode'>): Strategy => ({
  async begin(trainable) {
    if (!devices) checkDevices(trainable);
    return new AllReduceTrainer(trainable, {
      ...config,
      deadline,
      kind: processes ? processReplicas(devices) : threadReplicas(devices),
      restarted: onRestart,
    });
  },
});

/** A replica can not know how the devices of another thread were made. */
function checkDevices({ session }: Trainable): void {
  const other = session.devices.find(({ kind }) => kind !== 'js');
  if (!other) return;
  throw new GraphError('ATTRIBUTE_INVALID', 'dataParallel', {
    what: `the training runs on ${other.name}, and nothing says on what its replicas run.`,
    fix: "give devices: new URL('./devices.js', import.meta.url), a module with export const devices = () => [wasm({ threads: 1 })].",
  });
}
