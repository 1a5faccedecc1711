import { parseOptions } from '@tenon/core';
import { z } from 'zod';

const seconds = z.number().positive();
const bySize = z.array(z.strictObject({ bytes: z.number().positive(), seconds })).min(2);
const byWorkers = z.array(z.strictObject({ workers: z.int().min(1), seconds })).min(2);
const schema = z.strictObject({
  /** Where and when. */
  machine: z.strictObject({
    processor: z.string(),
    cores: z.int().min(1),
    node: z.string(),
    date: z.string(),
    /** Of one minute, while other programs may have run. */
    load: z.number().min(0),
  }),
  /** A step that computes nothing, over processes on loopback. */
  nullSteps: byWorkers,
  /** A pull of one number: alone, and for each of many that are under way at a time. */
  smallPull: z.strictObject({ alone: seconds, together: seconds }),
  /** Pulls over one TCP connection on loopback. */
  transfers: bySize,
  /** Reads of a parameter shard. */
  reads: bySize,
  /** Updates of a parameter shard with the gradients of so many workers. */
  applies: z
    .array(z.strictObject({ bytes: z.number().positive(), members: z.int().min(1), seconds }))
    .min(2),
  /** Saves of a coordinator's state to the disk. */
  saves: byWorkers,
  /** Steps of a model, one after the other. */
  steps: z.strictObject({ model: z.string(), seconds: z.array(seconds).min(20) }),
});

/** What one machine was measured to take for what; seconds, the fastest of repeated measurements but for `steps`. */
export type ScaleSamples = z.output<typeof schema>;

/** Reads the file of samples. Errors: ATTRIBUTE_INVALID. */
export function parseSamples(json: string): ScaleSamples {
  return parseOptions('parseSamples', schema, JSON.parse(json));
}
