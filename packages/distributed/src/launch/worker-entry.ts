import { type Device, js, parseOptions } from '@tenon/core';
import { z } from 'zod';
import { joinCluster } from '../worker/joined-worker.js';
import { serveWorker } from '../worker/server.js';

/** What the process is started with; `devices` is the URL of a module. */
const settings = z.strictObject({
  job: z.string().default('worker'),
  task: z.int().min(0).optional(),
  /** The master that says which task it is, instead. */
  join: z.string().optional(),
  port: z.int().min(0),
  devices: z.url().optional(),
  dataPlane: z.enum(['tcp', 'grpc']).optional(),
});

// Without the process that has started it, there is nothing left to do.
process.once('disconnect', () => process.exit(0));
// A terminal interrupts all of its processes; that one decides when the cluster ends.
process.on('SIGINT', () => {});

const given = JSON.parse(process.argv[2] as string) as unknown;
const { devices, task = 0, join, ...rest } = parseOptions('worker process', settings, given);
const made: readonly Device[] = devices
  ? ((await import(devices)) as { devices: () => readonly Device[] }).devices()
  : [js()];
const options = { ...rest, devices: made };
if (join === undefined) {
  const { address } = await serveWorker({ ...options, task });
  process.send?.({ address });
} else {
  const joined = await joinCluster({ ...options, master: join });
  process.once('SIGTERM', () => void joined.close().finally(() => process.exit(0)));
  process.send?.({ address: joined.address });
}
