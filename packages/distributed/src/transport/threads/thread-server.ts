import type { MessagePort } from 'node:worker_threads';
import { GraphError } from '@tenon/core';
import type { Sent } from '../../rendezvous/index.js';
import { failureOf } from '../failure.js';
import { fitting } from '../incoming-tensor.js';
import type { TensorSource } from '../transport.js';
import { isShared, posted, type ToReceiver, type ToSender, wins } from './messages.js';

type PullMessage = Extract<ToSender, { kind: 'pull' }>;
/** A message and the memory that is moved with it. */
type Reply = [message: ToReceiver, moved?: readonly ArrayBuffer[]];

/** Answers the pulls of another thread of this process, which come through a port. */
export class ThreadServer {
  private readonly port: MessagePort;
  private readonly source: TensorSource;
  private readonly pulls = new Map<number, AbortController>();

  constructor(port: MessagePort, source: TensorSource) {
    this.port = port;
    this.source = source;
    port.on('message', (message: ToSender) => {
      if (message.kind === 'pull') this.pull(message);
      else this.cancel(message.request);
    });
    port.on('close', () => {
      for (const pull of this.pulls.values()) pull.abort();
      this.pulls.clear();
    });
  }

  /** Hangs up; who waits at the other end gets UNAVAILABLE. */
  close(): void {
    this.port.close();
  }

  private pull(message: PullMessage): void {
    const { request, step, key, deadline } = message;
    const abort = new AbortController();
    this.pulls.set(request, abort);
    const answer = (reply: () => Reply | undefined) => {
      // The peer may have changed its mind, or have gone away.
      if (this.pulls.get(request) !== abort) return;
      this.pulls.delete(request);
      const content = reply();
      if (content) this.port.postMessage(...content);
    };
    const fail = (error: unknown) =>
      answer(() => [{ kind: 'failure', request, failure: failureOf(error, '') }]);
    this.source
      .take({ step, key, deadline, signal: abort.signal })
      .then((sent) => answer(() => reply(message, sent)), fail);
  }

  private cancel(request: number): void {
    this.pulls.get(request)?.abort();
    this.pulls.delete(request);
  }
}

/** Nothing where the receiver has taken its memory back. */
function reply({ request, into, claim }: PullMessage, { value }: Sent): Reply | undefined {
  const { dtype, shape, data } = value;
  if (!into || !claim) {
    const { tensor, moved } = posted(value);
    return [{ kind: 'tensor', request, ...tensor }, moved];
  }
  try {
    fitting(into, value);
    if (!isShared(into)) throw notShared();
  } catch (error) {
    return [{ kind: 'failure', request, failure: failureOf(error, '') }];
  }
  if (!wins(claim)) return undefined;
  (into as Float32Array).set(data as Float32Array);
  return [{ kind: 'written', request, dtype, shape }];
}

const notShared = () =>
  new GraphError('STATE_INVALID', 'receive', {
    what: 'the memory that a thread was given to write into is not shared.',
  });
