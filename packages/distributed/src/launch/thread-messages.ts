import type { MessagePort } from 'node:worker_threads';

/** What a line to a task is for: calls of its master, pulls of other tasks, training. */
export type LineKind = 'calls' | 'pulls' | 'training';

/** To the thread of a task: somebody talks to it through a port from now on. */
export interface ToTask {
  readonly kind: LineKind;
  readonly port: MessagePort;
}

/** From the thread of a task. */
export type FromTask =
  /** It hears. */
  | 'ready'
  /** To be handed on to another task. */
  | (ToTask & { readonly to: string });
