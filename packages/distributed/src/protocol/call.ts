import {
  create,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';

export interface CallOptions {
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the call fails; it waits for ever when left out. */
  readonly timeoutMs?: number | undefined;
  /** Whether it waits for a process that can not be reached now, instead of failing at once. */
  readonly waitForReady?: boolean;
}

type Input<M> = M extends { input: infer I extends DescMethodUnary['input'] } ? I : never;
type Output<M> = M extends { output: infer O extends DescMethodUnary['output'] } ? O : never;

/** What a process answers to each call of a service; failures are thrown. */
export type Handlers<S> =
  S extends GenService<infer Methods extends GenServiceMethods>
    ? {
        [K in keyof Methods]: (
          request: MessageShape<Input<Methods[K]>>,
          signal?: AbortSignal,
        ) => Promise<MessageInitShape<Output<Methods[K]>>>;
      }
    : never;

/** The calls of a service; failures of the other side are thrown. */
export type Calls<S> =
  S extends GenService<infer Methods extends GenServiceMethods>
    ? {
        [K in keyof Methods]: (
          request: MessageInitShape<Input<Methods[K]>>,
          options?: CallOptions,
        ) => Promise<MessageShape<Output<Methods[K]>>>;
      }
    : never;

/** The calls of a service and the end of the connection. */
export interface Connection<S> {
  readonly calls: Calls<S>;
  close(): void;
}

type Answer = (request: unknown, signal?: AbortSignal) => Promise<object>;

/** A service in the same process: messages are handed over as they are. */
export function localConnection<S extends GenService<GenServiceMethods>>(
  service: S,
  handlers: Handlers<S>,
): Connection<S> {
  const answers = handlers as unknown as Record<string, Answer>;
  const calls = Object.entries(service.method).map(([name, { input, output }]) => {
    const call = async (request: object, { signal }: CallOptions = {}) => {
      const answer = (answers[name] as Answer)(create(input, request as never), signal);
      return create(output, (await (signal ? unlessAborted(answer, signal) : answer)) as never);
    };
    return [name, call] as const;
  });
  return { calls: Object.fromEntries(calls) as unknown as Calls<S>, close: () => {} };
}

/** Who has cancelled a call does not wait for its answer. */
function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = () => reject(signal.reason);
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
  });
}
