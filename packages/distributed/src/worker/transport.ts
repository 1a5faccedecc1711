import type { HostTensor } from '@tenon/core';

/** A tensor that another worker sends in a step. */
export interface PullRequest {
  /** `/job:worker/replica:0/task:1` */
  readonly worker: string;
  /** Where it listens; not used in the same memory. */
  readonly address: string;
  /** The life of the process that is meant. */
  readonly incarnation: string;
  readonly session: string;
  readonly step: number;
  readonly key: string;
  /** Milliseconds that may pass. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How tensors come from other workers: by pull. Errors: WORKER_LOST, RUN_ABORTED, DEADLINE_EXCEEDED. */
export interface Transport {
  receive(request: PullRequest): Promise<HostTensor>;
  close(): void;
}
