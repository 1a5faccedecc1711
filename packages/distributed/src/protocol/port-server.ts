import type { MessagePort } from 'node:worker_threads';
import { create, type DescMethodUnary, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import { GraphError } from '@tenon/core';
import type { Handlers } from './call.js';
import { failureOf } from './cluster-error.js';
import type { ToCalled, ToCaller } from './port-messages.js';

export interface PortServerOptions {
  readonly port: MessagePort;
  /** Who answers, for errors. */
  readonly name: string;
}

type Answer = (request: unknown, signal: AbortSignal) => Promise<object>;

/** Answers a service to another thread, until that one closes the port. */
export function servePort<S extends GenService<GenServiceMethods>>(
  service: S,
  handlers: Handlers<S>,
  { port, name }: PortServerOptions,
): void {
  const answers = handlers as unknown as Readonly<Record<string, Answer>>;
  const running = new Map<number, AbortController>();
  const answer = async ({ number, method: key, bytes }: ToCalled & { kind: 'call' }) => {
    const method = service.method[key] as DescMethodUnary;
    const cancelled = new AbortController();
    running.set(number, cancelled);
    const say = (response: object) => {
      // Who has cancelled the call does not listen any more.
      if (!running.delete(number)) return;
      const content = toBinary(method.output, create(method.output, response as never));
      port.postMessage({ number, bytes: content } satisfies ToCaller, [content.buffer]);
    };
    try {
      const request = fromBinary(method.input, bytes);
      say(await (answers[key] as Answer)(request, cancelled.signal));
    } catch (error) {
      say({ failure: failureOf(error, name) });
    }
  };
  const cancel = (number: number) => {
    running.get(number)?.abort(cancelledError(name));
    running.delete(number);
  };
  port.on('message', (message: ToCalled) => {
    if (message.kind === 'call') void answer(message);
    else cancel(message.number);
  });
  port.on('close', () => {
    for (const number of [...running.keys()]) cancel(number);
  });
}

const cancelledError = (name: string): GraphError =>
  new GraphError('RUN_ABORTED', name, { what: 'the caller has cancelled the call.' });
