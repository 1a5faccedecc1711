import { type Line, lineOf, type Peer } from './peers.js';

interface Measuring {
  readonly peers: readonly Peer[];
  readonly threads: number;
  readonly rounds: number;
  /** For training steps, in each process. */
  readonly seconds: number;
}

/** One line for each way of each peer: the fastest and the median over rounds in which they take turns. */
export async function measure(
  name: string,
  { peers, threads, rounds, seconds }: Measuring,
): Promise<Line[]> {
  const ways = peers.flatMap((peer) =>
    peer.commands(name, { threads, seconds }).map((command) => ({ peer: peer.name, command })),
  );
  const found: Line[][] = ways.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { peer, command }] of ways.entries()) {
      if (found[i]?.some(({ error }) => error)) continue;
      found[i]?.push(await lineOf(command, { peer, case: name, threads }));
    }
  }
  return found.map(joined);
}

const numbers = ['train_median_ms', 'infer_ms', 'compile_ms', 'first_step_ms', 'peak_mb'] as const;

/** The median of what rounds measured, the least of `train_ms`; the error where a round failed. */
export function joined(lines: readonly Line[]): Line {
  const failed = lines.find(({ error }) => error);
  if (failed) return failed;
  const middle = (key: (typeof numbers)[number]) =>
    median(lines.map((line) => line[key]).filter((value) => typeof value === 'number'));
  return {
    ...(lines[0] as Line),
    ...Object.fromEntries(numbers.map((key) => [key, middle(key)])),
    train_ms: Math.min(...lines.map(({ train_ms }) => train_ms ?? Number.POSITIVE_INFINITY)),
  };
}

function median(values: number[]): number | null {
  values.sort((a, b) => a - b);
  const [low, high] = [values[(values.length - 1) >> 1], values[values.length >> 1]];
  return low === undefined || high === undefined ? null : Number(((low + high) / 2).toPrecision(4));
}
