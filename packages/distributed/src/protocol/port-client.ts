import type { MessagePort } from 'node:worker_threads';
import { create, type DescMethodUnary, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import type { CallOptions, Calls, Connection } from './call.js';
import { ClusterError, errorOf } from './cluster-error.js';
import type { Failure } from './gen/distributed_pb.js';
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

/** A call that is not answered yet. */
interface Pending {
  /** Through which it went; it waits for the thread until then. */
  port?: MessagePort;
  readonly method: DescMethodUnary;
  answered(bytes: Uint8Array): void;
  fail(error: unknown): void;
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
  private readonly pending = new Map<number, Pending>();
  private port: MessagePort | undefined;
  private calls = 0;
  private closed = false;

  constructor(line: PortLine) {
    this.line = line;
  }

  call(
    { key, method, request }: { key: string; method: DescMethodUnary; request: object },
    { signal, timeoutMs, waitForReady = false }: CallOptions,
  ): Promise<object> {
    const number = ++this.calls;
    return new Promise<object>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const bytes = toBinary(method.input, create(method.input, request as never));
      const settled = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        this.pending.delete(number);
        // The port alone keeps no process alive.
        if (this.pending.size === 0) this.port?.unref();
      };
      const fail = (error: unknown) => {
        settled();
        reject(error);
      };
      const give = (error: unknown) => {
        own.port?.postMessage({ kind: 'cancel', number } satisfies ToCalled);
        fail(error);
      };
      const own: Pending = {
        method,
        fail,
        answered(content) {
          settled();
          try {
            const response = fromBinary(method.output, content);
            const { failure } = response as unknown as { failure?: Failure };
            if (failure) reject(errorOf(failure));
            else resolve(response);
          } catch (error) {
            reject(error);
          }
        },
      };
      const cancel = () => give(signal?.reason);
      const late = () => give(this.late(method, timeoutMs));
      const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
      signal?.addEventListener('abort', cancel, { once: true });
      this.pending.set(number, own);
      this.send({ kind: 'call', number, method: key, bytes }, waitForReady);
    });
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

  private late({ name: method }: DescMethodUnary, timeoutMs = 0): ClusterError {
    const what = `the call was not answered within ${timeoutMs} ms.`;
    return new ClusterError('DEADLINE_EXCEEDED', method, { what, worker: this.line.name });
  }
}
