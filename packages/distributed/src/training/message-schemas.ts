import { GraphError } from '@tenon/core';
import { z } from 'zod';
import type {
  FromShard,
  FromWorker,
  ShardToWorker,
  ToShard,
  ToWorker,
  WorkerToShard,
} from '../coordinator/messages.js';
import { batchSchema, commitSchema, count, updateSchema } from '../coordinator/schemas.js';
import type { FromTask, ReplicaToShard, Role, ShardToReplica, ToTask } from './messages.js';

const name = z.string().max(4096);
const names = z.array(name).max(2 ** 16);
const generation = z.int();
const incarnation = z.int();
const version = count;
const place = z.strictObject({ group: count, round: count, shared: z.boolean() });

/** Of one `kind`, with these fields. */
const of = <K extends string, F extends z.ZodRawShape>(kind: K, fields: F) =>
  z.strictObject({ kind: z.literal(kind), ...fields });

const fromWorker: z.ZodType<FromWorker> = z.discriminatedUnion('kind', [
  of('join', { worker: count, incarnation }),
  of('leave', { worker: count, incarnation }),
  of('begin', { worker: count, incarnation, generation, overtaken: place.optional() }),
  of('heartbeat', { worker: count, incarnation, generation }),
  of('commit', { worker: count, incarnation, generation, commit: commitSchema }),
]) as z.ZodType<FromWorker>;

const answer = z.strictObject({
  code: z.enum(['JOINED', 'STALE', 'ABORTED', 'FAILED_PRECONDITION']),
  version,
});

const toWorker: z.ZodType<ToWorker> = z.discriminatedUnion('kind', [
  of('joined', { incarnation, generation }),
  of('superseded', { incarnation }),
  of('aborted', { incarnation }),
  of('alive', { generation }),
  of('work', { generation, place, batch: batchSchema.optional() }),
  of('wait', { generation }),
  of('decided', { generation, incarnation, push: count, answer }),
  of('advance', { generation, group: count, round: count }),
  of('cancel', { generation, group: count, round: count }),
]) as z.ZodType<ToWorker>;

const fromShard: z.ZodType<FromShard> = z.discriminatedUnion('kind', [
  of('hello', { shard: count, incarnation }),
  of('restored', { shard: count, incarnation, generation, version }),
  of('applied', { shard: count, generation, version }),
  of('missing', { shard: count, generation, version }),
  of('newer', { shard: count, generation }),
]) as z.ZodType<FromShard>;

const toShard: z.ZodType<ToShard> = z.discriminatedUnion('kind', [
  of('restore', { generation, version }),
  of('apply', {
    generation,
    updates: z.array(z.strictObject({ update: updateSchema, checkpoint: z.boolean() })),
    complete: version,
  }),
]) as z.ZodType<ToShard>;

const pushed = commitSchema.loose();

const workerToShard: z.ZodType<WorkerToShard<undefined>> = z.discriminatedUnion('kind', [
  of('pull', { worker: count, generation, request: count, place }),
  of('push', { generation, commit: pushed, gradient: z.undefined().optional() }),
]) as unknown as z.ZodType<WorkerToShard<undefined>>;

const shardToWorker: z.ZodType<ShardToWorker<undefined>> = z.discriminatedUnion('kind', [
  of('pulled', {
    shard: count,
    generation,
    request: count,
    version,
    parameters: z.undefined().optional(),
  }),
  of('kept', { shard: count, generation, push: name }),
  of('overtaken', { shard: count, generation, of: name }),
  of('unready', { shard: count, generation }),
]) as unknown as z.ZodType<ShardToWorker<undefined>>;

const heldRows = z.array(z.strictObject({ name, begin: count, end: count })).max(2 ** 16);

const role: z.ZodType<Role> = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('replica'),
    worker: count,
    shards: names.min(1),
    seed: z.number(),
    parameters: names,
    held: z.array(heldRows),
    tables: z.array(heldRows),
    lookups: z.array(
      z.strictObject({ table: name, rows: count, shape: z.array(count).max(16), where: name }),
    ),
    fixed: names,
    columns: count,
  }),
  z.strictObject({
    role: z.literal('shard'),
    shard: count,
    parameters: names,
    state: names,
    tables: z.array(
      z.strictObject({ name, rows: count, width: z.int().min(1), parts: z.int().min(1) }),
    ),
    maxStaleness: count,
  }),
]);

const run = count;

/** From the chief to a task. */
export const toTaskSchema: z.ZodType<ToTask> = z.discriminatedUnion('kind', [
  of('open', { training: name, role }),
  of('start', { run, incarnation: count, retryMs: z.number().min(1), runs: z.number().min(0) }),
  of('replica', { run, message: toWorker }),
  of('shard', { run, message: toShard }),
  of('rows', { run, table: count, from: count }),
  of('loaded', { run, generation, version }),
  of('collect', { run }),
  of('end', {}),
]);

/** From a task to the chief. */
export const fromTaskSchema: z.ZodType<FromTask> = z.discriminatedUnion('kind', [
  of('opened', {
    run: run.nullable(),
    heartbeat: z.strictObject({ port: z.int().min(1).max(65_535), incarnation: name }).nullable(),
  }),
  of('replica', { run, message: fromWorker }),
  of('shard', { run, message: fromShard }),
  of('load', { run, generation, version }),
  of('changed', { run, table: count }),
  of('save', { run, version }),
  of('prune', { run, before: version }),
  of('collected', { run, generation, version }),
  of('failed', {
    code: name,
    where: z.string(),
    what: z.string(),
    fix: z.string(),
    worker: z.string(),
  }),
]);

/** From a replica to a parameter shard. */
export const replicaToShardSchema: z.ZodType<ReplicaToShard> = z.discriminatedUnion('kind', [
  of('attach', { training: name, worker: count }),
  of('ask', { run, message: workerToShard }),
]);

/** From a parameter shard to a replica. */
export const shardToReplicaSchema: z.ZodType<ShardToReplica> = of('answer', {
  run,
  message: shardToWorker,
});

/** What a packet says. Errors: FORMAT_INVALID. */
export function readMessage<T>(schema: z.ZodType<T>, body: unknown): T {
  const { success, data, error } = schema.safeParse(body);
  if (success) return data;
  throw new GraphError('FORMAT_INVALID', 'training message', {
    what: `it can not be read: ${z.prettifyError(error)}.`,
    fix: 'run the same version of Tenon everywhere.',
  });
}
