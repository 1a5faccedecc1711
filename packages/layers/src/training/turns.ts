// Long enough to cost nothing, short enough that timers and sockets of the process are served.
const turnEvery = 50;

/** Gives other tasks of the process a turn now and then: steps that run on this thread never would. */
export class Turns {
  private last = performance.now();

  /** Waits for one turn of the event loop if the last one was long ago. */
  async take(): Promise<void> {
    if (performance.now() - this.last < turnEvery) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.last = performance.now();
  }
}
