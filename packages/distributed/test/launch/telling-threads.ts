import { BroadcastChannel, threadId } from 'node:worker_threads';
import { type Device, js } from '@tenon/core';
import { wasm } from '@tenon/wasm';
import { ThreadTransport } from '../../src/transport/threads/thread-transport.js';
import { type Holdings, holdings } from '../leaks/holdings.js';

/** A tensor that a thread has pulled from another. */
export interface Pulled {
  readonly elements: number;
  /** Whether the memory that was planned for it is shared. */
  readonly shared: boolean;
  /** Whether it is there. */
  readonly landed: boolean;
}

/** What a thread says of itself. */
export interface Told extends Holdings {
  readonly thread: number;
  readonly pulls: readonly Pulled[];
}

const name = 'tenon-test-threads';
const pulls: Pulled[] = [];

const { receive } = ThreadTransport.prototype;
ThreadTransport.prototype.receive = async function (request) {
  const value = await receive.call(this, request);
  const { into } = request;
  const shared = into?.buffer instanceof SharedArrayBuffer;
  pulls.push({ elements: value.size, shared, landed: value.data === into });
  return value;
};

function tellWhenAsked(): void {
  const channel = new BroadcastChannel(name);
  channel.onmessage = async (message) => {
    if ((message as { data: unknown }).data !== 'tell') return;
    const told: Told = { thread: threadId, pulls: pulls.splice(0), ...(await holdings()) };
    channel.postMessage(told);
  };
}

/** Devices of threads that tell what they hold and have pulled; `?wasm` on threads of their own, with shared memory. */
export function devices(): Device[] {
  tellWhenAsked();
  return [import.meta.url.endsWith('?wasm') ? wasm({ threads: 2 }) : js()];
}

/** What so many threads say, in the order of their ids. */
export async function ask(threads: number): Promise<Told[]> {
  const channel = new BroadcastChannel(name);
  const answers = await new Promise<Told[]>((resolve) => {
    const told: Told[] = [];
    channel.onmessage = (message) => {
      told.push((message as { data: Told }).data);
      if (told.length === threads) resolve(told);
    };
    channel.postMessage('tell');
  });
  channel.close();
  return answers.sort((a, b) => a.thread - b.thread);
}
