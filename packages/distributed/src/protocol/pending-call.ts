import type { MessagePort } from 'node:worker_threads';
import { type DescMethodUnary, fromBinary } from '@bufbuild/protobuf';
import type { CallOptions } from './call.js';
import { ClusterError, errorOf } from './cluster-error.js';
import type { Failure } from './gen/distributed_pb.js';

export interface PendingCallOptions extends Pick<CallOptions, 'signal' | 'timeoutMs'> {
  readonly method: DescMethodUnary;
  /** Who is called, for errors. */
  readonly name: string;
  /** It has ended; `givenUp` before it was answered, by its deadline or its caller. */
  readonly ended: (givenUp: boolean) => void;
}

/** A call that waits for its answer, until its deadline or its caller ends that. */
export class PendingCall {
  /** Errors: those of the other side, DEADLINE_EXCEEDED, and what the call is failed with. */
  readonly answer: Promise<object>;
  readonly method: DescMethodUnary;
  /** Through which it went; it waits for somebody who hears it until then. */
  port: MessagePort | undefined;
  private readonly options: PendingCallOptions;
  private readonly timer: NodeJS.Timeout | undefined;
  private resolve!: (response: object) => void;
  private reject!: (error: unknown) => void;

  constructor(options: PendingCallOptions) {
    const { method, signal, timeoutMs } = options;
    this.options = options;
    this.method = method;
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.timer = timeoutMs === undefined ? undefined : setTimeout(this.late, timeoutMs);
    signal?.addEventListener('abort', this.cancel, { once: true });
  }

  answered(bytes: Uint8Array): void {
    this.end(false);
    try {
      const response = fromBinary(this.method.output, bytes);
      const { failure } = response as unknown as { failure?: Failure };
      if (failure) this.reject(errorOf(failure));
      else this.resolve(response);
    } catch (error) {
      this.reject(error);
    }
  }

  fail(error: unknown): void {
    this.end(false);
    this.reject(error);
  }

  private readonly cancel = (): void => this.giveUp(this.options.signal?.reason);

  private readonly late = (): void => {
    const { method, name: worker, timeoutMs } = this.options;
    const what = `the call was not answered within ${timeoutMs} ms.`;
    this.giveUp(new ClusterError('DEADLINE_EXCEEDED', method.name, { what, worker }));
  };

  private giveUp(error: unknown): void {
    this.end(true);
    this.reject(error);
  }

  private end(givenUp: boolean): void {
    const { signal, ended } = this.options;
    clearTimeout(this.timer);
    signal?.removeEventListener('abort', this.cancel);
    ended(givenUp);
  }
}
