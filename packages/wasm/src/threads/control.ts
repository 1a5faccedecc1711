const line = 64;

/**
 * Words through which the threads of a device meet, by address in the first 4096 bytes of its memory. Words that different
 * threads write while others spin on them have a line of the cache to themselves. Address 0 is never used.
 */
export const control = {
  /** Threads that have arrived at the barrier. */
  arrived: line,
  /** How often the barrier has opened; threads wait for it to change. */
  generation: 2 * line,
  /** Threads that may be asleep at the barrier. */
  sleepers: 3 * line,
  /** What to run: the number of a program, how many threads run it, and the phase of its step. */
  program: 4 * line,
  threads: 4 * line + 4,
  phase: 4 * line + 8,
  /** 1 when a thread has stopped inside of a step: nobody waits at a barrier any more. */
  aborted: 5 * line,
  /** The line of the first worker. */
  workers: 16 * line,
  /** Length in bytes and UTF-8 of the error that stopped a worker. */
  error: 48 * line,
  bytes: 64 * line,
} as const;

/** A worker's line, in bytes from its address. */
export const workerLine = {
  /** Changes when there is something to do; the worker sleeps on it. */
  signal: 0,
  /** 1 while the worker may be asleep. */
  sleeping: 4,
  /** How often it was asked to run. */
  turn: 8,
  /** Its number among the threads of the run. */
  thread: 12,
  /** Messages sent to it, and those that it has taken; -1 when it cannot be used. */
  posted: 16,
  taken: 20,
  bytes: line,
} as const;

/** The most threads: each worker has a line in the control block. */
export const mostThreads = (control.error - control.workers) / workerLine.bytes;
