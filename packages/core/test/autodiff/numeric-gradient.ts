/** Central differences of a function of several numbers. */
export function numericGradient(
  f: (at: number[]) => number,
  at: readonly number[],
  step = 1e-5,
): number[] {
  return at.map((x, i) => {
    const moved = (by: number) => f(at.map((y, j) => (j === i ? x + by : y)));
    return (moved(step) - moved(-step)) / (2 * step);
  });
}
