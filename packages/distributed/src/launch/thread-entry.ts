import { MessageChannel, type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Device, js, parseOptions } from '@tenon/core';
import { z } from 'zod';
import { WorkerService } from '../protocol/gen/distributed_pb.js';
import { servePort } from '../protocol/port-server.js';
import { PortChannel } from '../training/channel/port-channel.js';
import { ThreadServer } from '../transport/threads/thread-server.js';
import { threadTransport } from '../worker/peer-transport.js';
import { Worker } from '../worker/worker.js';
import type { FromTask, LineKind, ToTask } from './thread-messages.js';

/** What the thread is started with; `devices` is the URL of a module. */
const settings = z.strictObject({
  job: z.string(),
  task: z.int().min(0),
  devices: z.url().optional(),
});

const parent = parentPort as MessagePort;
const { settings: given } = workerData as { settings: unknown };
const { devices, job, task } = parseOptions('worker thread', settings, given);
const made: readonly Device[] = devices
  ? ((await import(devices)) as { devices: () => readonly Device[] }).devices()
  : [js()];

/** A line to another task: the thread that has started all of them hands it on. */
function open(to: string, kind: LineKind): MessagePort {
  const { port1, port2 } = new MessageChannel();
  parent.postMessage({ to, kind, port: port2 } satisfies FromTask, [port2]);
  return port1;
}

const worker = new Worker({
  job,
  task,
  devices: made,
  transport: threadTransport((name) => open(name, 'pulls')),
  dial: (address) => new PortChannel(open(address, 'training')),
});

const accept = {
  calls: (port) => servePort(WorkerService, worker.handlers, { port, name: worker.name }),
  pulls: (port) => new ThreadServer(port, worker),
  training: (port) => worker.training.accept(new PortChannel(port)),
} satisfies Record<LineKind, (port: MessagePort) => void>;

parent.on('message', ({ kind, port }: ToTask) => accept[kind](port));
parent.postMessage('ready' satisfies FromTask);
