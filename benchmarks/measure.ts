import { type Line, lineOf, type Peer } from './peers.js';

interface Measuring {
  readonly peers: readonly Peer[];
  readonly threads: number;
  readonly rounds: number;
}

/** One line for each way of each peer: the fastest and the median over rounds in which they take turns. */
export async function measure(
  name: string,
  { peers, threads, rounds }: Measuring,
): Promise<Line[]> {
  const commands = peers.flatMap((peer) => peer.commands(name, threads));
  const found: Line[][] = commands.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, command] of commands.entries()) {
      if (found[i]?.some(({ error }) => error)) continue;
      found[i]?.push(await lineOf(command));
    }
  }
  return found.map(joined);
}

const numbers = ['infer_ms', 'compile_ms', 'first_step_ms', 'train_median_ms', 'peak_mb'] as const;

/** The median of what rounds measured, the least of `train_ms`. */
function joined(lines: readonly Line[]): Line {
  const [first] = lines as [Line];
  const middle = (key: (typeof numbers)[number]) => {
    const values = lines.map((line) => line[key]).filter((value) => typeof value === 'number');
    return values.sort((a, b) => a - b)[values.length >> 1];
  };
  if (first.error) return first;
  return {
    ...first,
    ...Object.fromEntries(numbers.map((key) => [key, middle(key) ?? null])),
    train_ms: Math.min(...lines.map((line) => line.train_ms ?? Number.POSITIVE_INFINITY)),
  };
}
