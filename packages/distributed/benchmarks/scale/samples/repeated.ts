/** Seconds of each of so many runs, after some to warm up. */
export async function repeated(
  runs: number,
  run: () => Promise<unknown> | unknown,
): Promise<number[]> {
  const times: number[] = [];
  const warmUp = Math.ceil(runs / 4);
  for (let i = 0; i < warmUp + runs; i++) {
    const start = performance.now();
    await run();
    if (i >= warmUp) times.push((performance.now() - start) / 1000);
  }
  return times;
}

/** Other programs of the machine make a run slower, never faster. */
export function fastest(times: readonly number[]): number {
  return Math.min(...times);
}
