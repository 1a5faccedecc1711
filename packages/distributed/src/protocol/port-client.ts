import type { MessagePort } from 'node:worker_threads';
import { create, type DescMethodUnary, toBinary } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import type { CallOptions, Calls, Connection } from './call.js';
import { PendingCall } from './pending-call.js';
import type { ToCalled, ToCaller } from './port-messages.js';
import { UnreachableError } from './unreachable.js';

/** A thread that answers, or the next one in its place. */
export interface PortLine {
  /** Who answers, for errors. */
  readonly name: string;
  /** A port to it; nothing where it has ended. */
  open(): MessagePort | undefined;
  /** Settles when it is there. Errors: UNAVAILABLE where it does not come back. */
  ready(): Promise<unknown>;
}

/** A service in another thread. Errors of calls: those of the other side; UNAVAILABLE, DEADLINE_EXCEEDED. */
export function portConnection<S extends GenService<GenServiceMethods>>(
  service: S,
  line: PortLine,
): Connection<S> {
  const client = new PortClient(line);
  const calls = Object.entries(service.method).map(([key, any]) => {
    const method = any as DescMethodUnary;
    const call = (request: object, options: CallOptions = {}) =>
      client.call({ key, method, request }, options);
    return [key, call] as const;
  });
  return {
    calls: Object.fromEntries(calls) as unknown as Calls<S>,
    close: () => client.close(),
  };
}

class PortClient {
  private readonly line: PortLine;
  private readonly pending = new Map<number, PendingCall>();
  private port: MessagePort | undefined;
  private calls = 0;
  private closed = false;

  constructor(line: PortLine) {
    this.line = line;
  }

  async call(
    { key, method, request }: { key: string; method: DescMethodUnary; request: object },
    { signal, timeoutMs, waitForReady = false }: CallOptions,
  ): Promise<object> {
    if (signal?.aborted) throw signal.reason;
    const bytes = toBinary(method.input, create(method.input, request as never));
    const number = ++this.calls;
    const { name } = this.line;
    const ended = (givenUp: boolean) => {
      this.pending.delete(number);
      if (givenUp) own.port?.postMessage({ kind: 'cancel', number } satisfies ToCalled);
      // The port alone keeps no process alive.
      if (this.pending.size === 0) this.port?.unref();
    };
    const own = new PendingCall({ method, name, signal, timeoutMs, ended });
    this.pending.set(number, own);
    this.send({ kind: 'call', number, method: key, bytes }, waitForReady);
    return own.answer;
  }

  close(): void {
    this.closed = true;
    this.port?.close();
    for (const own of [...this.pending.values()])
      own.fail(this.lost(own.method, 'is not asked any more'));
  }

  private send(message: ToCalled & { readonly kind: 'call' }, wait: boolean): void {
    const own = this.pending.get(message.number);
    if (!own) return;
    const port = this.port ?? this.open();
    if (port) {
      own.port = port;
      port.ref();
      port.postMessage(message, [message.bytes.buffer]);
    } else if (wait && !this.closed) {
      const gone = (cause: unknown) =>
        own.fail(this.lost(own.method, 'has ended and does not come back', cause));
      this.line.ready().then(() => this.send(message, false), gone);
    } else own.fail(this.lost(own.method, 'has ended'));
  }

  private open(): MessagePort | undefined {
    const port = this.closed ? undefined : this.line.open();
    if (!port) return undefined;
    this.port = port;
    port.on('message', ({ number, bytes }: ToCaller) => this.pending.get(number)?.answered(bytes));
    port.on('close', () => this.ended(port));
    return port;
  }

  private ended(port: MessagePort): void {
    if (this.port === port) this.port = undefined;
    for (const own of [...this.pending.values()])
      if (own.port === port) own.fail(this.lost(own.method, 'has ended'));
  }

  private lost({ name: method }: DescMethodUnary, how: string, cause?: unknown): UnreachableError {
    const { name } = this.line;
    const what = `the call failed: its thread ${how}.`;
    const fix = 'see why it has ended; when it was started again, make a new session.';
    return new UnreachableError('UNAVAILABLE', method, { what, fix, cause, worker: name });
  }
}
