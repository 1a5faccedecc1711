import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Device, js, type OpInfo } from '@tenon/core';
import type { ToReplica } from '../messages.js';
import { serveReplica } from '../serve-replica.js';
import { ReplicaSession } from '../step/replica-session.js';

/** The thread that computes for a replica: its devices come from a module, which may name ops of one's own too. */
interface DevicesModule {
  readonly devices: () => readonly Device[];
  readonly ops?: Iterable<OpInfo>;
}

const port = parentPort as MessagePort;
const { devices: from } = workerData as { devices?: string };
const { devices, ops }: DevicesModule = from
  ? ((await import(from)) as DevicesModule)
  : { devices: () => [js()] };
const session = new ReplicaSession({
  devices: devices(),
  ops,
  moved: () => port.postMessage('moved'),
});
const serve = serveReplica(
  {
    load: (ask: Parameters<ReplicaSession['load']>[0]) => session.load(ask),
    join: (ask: Parameters<ReplicaSession['join']>[0]) => session.join(ask),
    write: (ask: Parameters<ReplicaSession['write']>[0]) => session.write(ask),
    step: (ask: Parameters<ReplicaSession['step']>[0]) => session.step(ask),
    read: () => session.read(),
    digest: () => session.digest(),
  },
  (message) => port.postMessage(message),
);
port.on('message', (message: ToReplica) => serve(message));
