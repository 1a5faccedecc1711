import { type Device, js } from '@tenon/core';
import { serveWorker } from '../worker/server.js';
import type { WorkerProcessArguments } from './worker-process.js';

// Without the process that has started it, there is nothing left to do.
process.once('disconnect', () => process.exit(0));

const { job, task, port, devices } = JSON.parse(
  process.argv[2] as string,
) as WorkerProcessArguments;
const made: readonly Device[] = devices
  ? ((await import(devices)) as { devices: () => readonly Device[] }).devices()
  : [js()];
const { address } = await serveWorker({ job, task, port, devices: made });
process.send?.({ address });
