/** How many times more than usual properties are tried; the long tier sets it. */
export const effort = Number(process.env.TENON_RUNS ?? 1);

/** How often a property is tried, and the seed; a failure prints the seed, and `SEED=` repeats it. */
export const randomRuns = (numRuns: number): { numRuns: number; seed: number } => ({
  numRuns: numRuns * effort,
  seed: Number(process.env.SEED ?? 20_260),
});
