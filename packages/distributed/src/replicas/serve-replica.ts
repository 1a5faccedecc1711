import { failureOf } from '../transport/failure.js';
import type { FromReplica, ToReplica } from './messages.js';

/** What answers requests, by their kind. */
export type Handlers = {
  readonly [kind: string]: ((ask: never) => unknown) | undefined;
};

/** Answers requests one after the other, in the order in which they come. */
export function serveReplica(
  handlers: Handlers,
  answer: (message: FromReplica) => void,
): (message: ToReplica) => void {
  let last: Promise<unknown> = Promise.resolve();
  return ({ kind, number, ask }) => {
    last = last.then(async () => {
      try {
        const handler = handlers[kind] as (ask: unknown) => unknown;
        answer({ number, answer: await handler(ask) });
      } catch (error) {
        // Who asked knows whom.
        answer({ number, failure: failureOf(error, '') });
      }
    });
  };
}
