/** How often a property is tried, and the seed; a failure prints the seed, and `SEED=` repeats it. */
export const randomRuns = (numRuns: number): { numRuns: number; seed: number } => ({
  numRuns,
  seed: Number(process.env.SEED ?? 20_260),
});
