/** Where waits get their time from: the system, or a test that moves it by hand. */
export interface Clock {
  /** Milliseconds since the epoch; never goes back. */
  now(): number;
  /** Calls `run` once, so many milliseconds later; what it returns takes that back. */
  after(milliseconds: number, run: () => void): () => void;
}

// Timers of Node fire at once when they are set further away.
const longestTimer = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, Math.min(Math.max(milliseconds, 0), longestTimer));
    // What is waited for is a socket or a port; a timer alone keeps no process alive.
    timer.unref();
    return () => clearTimeout(timer);
  },
};
