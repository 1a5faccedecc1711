// A message has a limit, and what sends it goes on serving others between two of them.
const bytesAtOnce = 2 ** 25;

/** Parts of a range of rows that travel in one message each. */
export function* blocksOf(
  rows: number,
  { width, parts }: { readonly width: number; readonly parts: number },
): Iterable<{ readonly from: number; readonly to: number }> {
  const step = Math.max(1, Math.floor(bytesAtOnce / (4 * width * parts)));
  for (let from = 0; from < rows; from += step) yield { from, to: Math.min(rows, from + step) };
}
