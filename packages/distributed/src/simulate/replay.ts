import type { Commit, Update } from '../coordinator/commit.js';
import type { ShardArithmetic } from '../coordinator/shard/arithmetic.js';
import type { TaskInput } from './synthetic-task.js';

export interface ReplayOptions<P, G> {
  /** By shard. */
  readonly initial: readonly P[];
  readonly arithmetic: ShardArithmetic<P, G>;
  readonly divide: 'members' | 'examples';
  /** Gradients by shard. */
  readonly gradients: (
    input: Omit<TaskInput, 'parameters'> & { readonly parameters: readonly P[] },
  ) => readonly G[];
}

/**
 * Applies a list of commit sets again, in one process and in order; parameters by version and shard. The same sets
 * give the same bits, whatever happened while they were made.
 */
export function replay<P, G>(updates: readonly Update[], options: ReplayOptions<P, G>): P[][] {
  const { initial, arithmetic, divide, gradients } = options;
  const versions: P[][] = [initial.map((parameters) => arithmetic.copy(parameters))];
  for (const update of updates) {
    const results = update.members.map((member) => gradients(inputOf(member, versions)));
    const latest = versions[update.version] as P[];
    const divisor = divide === 'members' ? update.members.length : update.examples;
    const share = { divisor, scale: update.scale, version: update.version };
    versions.push(
      latest.map((parameters, shard) => {
        const next = arithmetic.copy(parameters);
        arithmetic.apply(
          next,
          results.map((result) => result[shard] as G),
          share,
        );
        return next;
      }),
    );
  }
  return versions;
}

function inputOf<P>({ worker, round, batch, seen }: Commit, versions: readonly P[][]) {
  const parameters = (seen ?? []).map((version, shard) => versions[version]?.[shard] as P);
  return { worker, round, batch: batch ?? { shard: 0, epoch: 0, from: 0, to: 0 }, parameters };
}
