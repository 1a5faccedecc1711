import {
  type Batch,
  type Commit,
  inOrderOfData,
  pushKey,
  type Update,
} from '../coordinator/commit.js';
import type { Observer } from './processes/observer.js';

export interface InvariantOptions {
  readonly shards: number;
  /** Members of each update. */
  readonly take: number;
  /** Whether the data has ended, so that an update may have fewer. */
  readonly ended: () => boolean;
  readonly maxStaleness: number;
  /** Examples of each shard of the data set. */
  readonly sizes: readonly number[];
}

/** What a shard has applied, by version. */
interface Applied<P> {
  readonly pushes: string;
  readonly own: readonly string[];
  readonly after: P;
}

/** A broken promise of the protocol; not an error that a user can meet. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

function hold(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new InvariantError(message());
}

const keys = ({ members }: Update): string => members.map(pushKey).join(' ');

/** Watches everything that coordinator and shards do, and fails at the first promise that is broken. */
export class Invariants<P> implements Observer<P> {
  readonly #options: InvariantOptions;
  readonly #shards: Applied<P>[][];
  /** Updates that every shard has applied, less those that a recovery has undone. */
  readonly log: Update[] = [];
  recoveries = 0;
  /** Sums of the examples up to each update. */
  readonly #examples: number[] = [];

  constructor(options: InvariantOptions) {
    this.#options = options;
    this.#shards = Array.from({ length: options.shards }, () => []);
  }

  /** What a shard holds after each version from 1 on. */
  states(shard: number): readonly P[] {
    return (this.#shards[shard] ?? []).map(({ after }) => after);
  }

  /** An update is of m distinct workers of one group, which all saw the same parameters, not too old ones. */
  decided(update: Update): void {
    const { take, maxStaleness, ended } = this.#options;
    const { members, version, staleness } = update;
    const workers = members.map(({ worker }) => worker);
    const ordered = [...members].sort(inOrderOfData).every((member, i) => member === members[i]);
    const distinct = new Set(workers).size === members.length;
    const whole = members.length === take || (ended() && members.length < take);
    hold(
      members.length > 0 && whole && distinct && ordered,
      () => `update ${version} is of workers ${workers}`,
    );
    const [first] = members as readonly [Commit];
    hold(
      members.every((m) => m.group === undefined || m.group === update.group),
      () => `update ${version} of group ${update.group} is of ${members.map((m) => m.group)}`,
    );
    const same = members.every((m) => m.tag === first.tag && `${m.seen}` === `${first.seen}`);
    hold(same, () => `update ${version} mixes versions ${members.map((m) => m.seen?.join())}`);
    hold(
      staleness === version - first.tag && staleness <= maxStaleness,
      () => `update ${version} has staleness ${staleness} with tag ${first.tag}`,
    );
    const examples = members.reduce((sum, m) => sum + m.examples, 0);
    hold(examples === update.examples, () => `update ${version} counts ${update.examples}`);
  }

  /** A shard has loaded the snapshot of a version. */
  shardRestored(shard: number, version: number): void {
    const applied = this.#shards[shard] as Applied<P>[];
    hold(applied.length >= version, () => `shard ${shard} restored a version it never had`);
    applied.length = version;
  }

  /** A shard has applied an update; it never skips a version and uses no gradients twice. */
  shardApplied(shard: number, update: Update, after: () => P): void {
    const applied = this.#shards[shard] as Applied<P>[];
    const { version } = update;
    hold(
      version === applied.length,
      () => `shard ${shard} applied version ${version} after ${applied.length}`,
    );
    const pushes = keys(update);
    const own = update.members.map(pushKey);
    const twice = own.find((push) => applied.some((earlier) => earlier.own.includes(push)));
    hold(!twice, () => `shard ${shard} applied the gradients of push ${twice} twice`);
    applied.push({ pushes, own, after: after() });
  }

  /** The coordinator says that every shard has applied an update; after its restart it may say so again. */
  applied(update: Update): void {
    const { version } = update;
    for (const [shard, applied] of this.#shards.entries()) {
      const pushes = applied[version]?.pushes;
      hold(
        pushes === undefined || pushes === keys(update),
        () => `shard ${shard} applied ${pushes} as version ${version}, not ${keys(update)}`,
      );
    }
    const known = this.log[version];
    if (known) hold(keys(known) === keys(update), () => `version ${version} has two updates`);
    hold(version <= this.log.length, () => `g skipped from ${this.log.length} to ${version}`);
    if (known) return;
    this.log.push(update);
    this.#examples.push((this.#examples.at(-1) ?? 0) + update.examples);
  }

  rewound(version: number): void {
    hold(version <= this.log.length, () => `recovery went ahead, to version ${version}`);
    this.log.length = version;
    this.#examples.length = version;
    this.recoveries++;
  }

  /** Counted are the examples of applied updates only; each shard of the data is used in order, without gaps. */
  accounted(applied: number, counted: number): void {
    const examples = applied === 0 ? 0 : this.#examples[applied - 1];
    hold(examples === counted, () => `${counted} examples are counted, ${examples} were applied`);
  }

  /** Each of these batches of an epoch is applied once, and no other. */
  once(batches: readonly Batch[]): void {
    const all = this.log.flatMap(({ members }) => members.map(({ batch }) => batch?.from));
    const wanted = batches.map(({ from }) => from);
    const sorted = (list: readonly (number | undefined)[]) =>
      list.map(Number).sort((a, b) => a - b);
    hold(
      `${sorted(all)}` === `${sorted(wanted)}`,
      () => `batches ${sorted(all)} were applied, not ${sorted(wanted)}`,
    );
  }

  /** Each shard of the data is used in order: no batch is missing, none is there twice. */
  ordered(): void {
    const next = new Map<number, Batch>();
    for (const { batch } of this.log.flatMap(({ members }) => members)) {
      if (!batch) continue;
      const last = next.get(batch.shard);
      const ended = !last || last.to === this.#options.sizes[batch.shard];
      const epoch = last ? last.epoch + (ended ? 1 : 0) : 0;
      const follows = batch.epoch === epoch && batch.from === (ended ? 0 : last.to);
      hold(follows, () => `${JSON.stringify(batch)} follows ${JSON.stringify(last)}`);
      next.set(batch.shard, batch);
    }
  }
}
