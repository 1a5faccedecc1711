import { type Device, js, parseOptions } from '@tenon/core';
import { z } from 'zod';
import { serveWorker } from '../worker/server.js';

/** What the process is started with; `devices` is the URL of a module. */
const settings = z.strictObject({
  job: z.string(),
  task: z.int().min(0),
  port: z.int().min(0),
  devices: z.url().optional(),
});

// Without the process that has started it, there is nothing left to do.
process.once('disconnect', () => process.exit(0));
// A terminal interrupts all of its processes; that one decides when the cluster ends.
process.on('SIGINT', () => {});

const given = JSON.parse(process.argv[2] as string) as unknown;
const { job, task, port, devices } = parseOptions('worker process', settings, given);
const made: readonly Device[] = devices
  ? ((await import(devices)) as { devices: () => readonly Device[] }).devices()
  : [js()];
const { address } = await serveWorker({ job, task, port, devices: made });
process.send?.({ address });
