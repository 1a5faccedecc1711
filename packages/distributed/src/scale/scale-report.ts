/** What a simulated run gave, after its warm-up; times are seconds of the simulated cluster. */
export interface ScaleReport {
  /** From one update to the next: of all, or of the same group or worker. */
  readonly stepTime: { readonly p10: number; readonly median: number; readonly p90: number };
  /** Examples whose gradients were applied. */
  readonly examplesPerSecond: number;
  readonly updatesPerSecond: number;
  /** Share of the steps that were begun whose gradients no update used. */
  readonly unusedSteps: number;
  /** Versions between the parameters that gradients were computed from and those they were applied to, on average. */
  readonly staleness: number;
  /** Shares of the time in which something was at work; the busiest of the servers. */
  readonly busy: {
    /** Workers that compute, on average. */
    readonly compute: number;
    readonly serverThread: number;
    readonly serverNetwork: number;
    readonly coordinatorThread: number;
  };
  /** Messages for each update. */
  readonly messagesPerUpdate: number;
  /** Bytes for each update. */
  readonly bytesPerUpdate: number;
}

/** Sorted values' quantile, by interpolation. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}
