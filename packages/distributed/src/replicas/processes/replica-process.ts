import { parseOptions } from '@tenon/core';
import { z } from 'zod';
import { startThread } from '../../launch/start-thread.js';
import { errorOf } from '../../transport/failure.js';
import type { AbortMessage, FromReplica, Requests, RingMemory, ToReplica } from '../messages.js';
import { serveReplica } from '../serve-replica.js';
import { ProcessRing } from './process-ring.js';

/**
 * The process of a replica: its first thread moves frames between processes and answers while another computes. What is asked of the
 * replica itself is handed to that thread.
 */
const settings = z.strictObject({ devices: z.url().optional() });

// Without the process that has started it, there is nothing left to do.
process.once('disconnect', () => process.exit(0));

const given = JSON.parse(process.argv[2] as string) as unknown;
const { devices } = parseOptions('replica process', settings, given);
const thread = startThread(
  '../threads/replica-thread',
  import.meta.url,
  devices ? { devices } : {},
);
thread.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
thread.on('exit', () => process.exit(1));

let ring: ProcessRing | undefined;
let joined: ((message: FromReplica) => void) | undefined;

thread.on('message', (message: FromReplica | 'moved') => {
  if (message === 'moved') ring?.move();
  else if (message.number < 0) joined?.(message);
  else process.send?.(message);
});

function join(ask: Requests['join']['ask'] & RingMemory): Promise<null> {
  return new Promise((resolve, reject) => {
    joined = (message) => {
      if ('failure' in message) reject(errorOf(message.failure, 'thread'));
      else resolve(null);
    };
    thread.postMessage({ kind: 'join', number: -1, ask });
  });
}

const serve = serveReplica(
  {
    async listen(ask: Requests['listen']['ask']) {
      await ring?.close();
      ring = await ProcessRing.listen(ask);
      await join({ ...ask.place, ...ring.memory });
      return ring.peer;
    },
    connect(ask: Requests['connect']['ask']) {
      ring?.connect(ask);
      return null;
    },
  },
  (message) => process.send?.(message),
);

process.on('message', (message: ToReplica | AbortMessage) => {
  if (message.kind === 'abort') ring?.end(errorOf(message.failure, 'the trainer'));
  else if (message.kind === 'listen' || message.kind === 'connect') serve(message);
  else thread.postMessage(message);
});
