import { z } from 'zod';

/** What messages and saved states of the coordinator are made of, as JSON that comes from outside. */
export const count = z.int().min(0);

export const batchSchema = z.strictObject({ shard: count, epoch: count, from: count, to: count });

export const commitSchema = z.strictObject({
  worker: count,
  incarnation: z.number(),
  push: count,
  group: count.optional(),
  round: count,
  tag: count,
  examples: count,
  seen: z.array(count).optional(),
  batch: batchSchema.optional(),
});

export const updateSchema = z.strictObject({
  version: count,
  group: count,
  round: count,
  members: z.array(commitSchema),
  examples: count,
  staleness: count,
  scale: z.number(),
});
