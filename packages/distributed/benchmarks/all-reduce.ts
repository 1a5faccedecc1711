// Training of a small convolutional net on one thread, and on replicas that add up their gradients: ways take turns, an epoch each.
// Run by hand: npx tsx --conditions=@tenon/source packages/distributed/benchmarks/all-reduce.ts [replicas] [rounds] [threads|processes]
import * as tn from 'tenon';
import { type ModelCase, models } from '../../../benchmarks/models.js';
import { dataParallel } from '../src/index.js';
import { devices } from './one-thread.js';

const [replicas = 2, rounds = 20] = process.argv.slice(2, 4).map(Number);
const processes = process.argv[4] === 'processes';
const { batch, optimizer, loss, model: build, data } = models.cnn_mnist as ModelCase;
const examples = 10 * replicas * batch;

interface Way {
  readonly name: string;
  readonly batch: number;
  readonly bucketBytes?: number;
  /** Trainings at the same time, each of its share of the examples. */
  readonly apart?: number;
}

// With one bucket nothing leaves before the backward pass has ended.
const ways: readonly Way[] = [
  { name: 'one thread', batch },
  // What the processors give to so many threads, whatever else they do meanwhile: no sums, no waiting for each other.
  { name: 'threads of their own', batch, bucketBytes: 2 ** 30, apart: replicas },
  { name: 'batch for each replica', batch: batch * replicas, bucketBytes: 2 ** 16 },
  { name: 'the same without overlap', batch: batch * replicas, bucketBytes: 2 ** 30 },
  { name: 'batch for all replicas', batch, bucketBytes: 2 ** 16 },
];

interface Signal<T> {
  readonly given: Promise<T>;
  give(value: T): void;
}

function signal<T>(): Signal<T> {
  let give: (value: T) => void = () => {};
  const given = new Promise<T>((resolve) => {
    give = resolve;
  });
  return { given, give: (value) => give(value) };
}

/** Seconds on the clock, and of all processors that this process used. */
interface Epoch {
  readonly seconds: number;
  readonly cpu: number;
}

/** Epochs of one way, each of which begins when it is told to and tells its time. */
class Training {
  readonly ended: Promise<unknown>;
  private readonly epochs = Array.from({ length: rounds + 1 }, () => ({
    begin: signal<void>(),
    end: signal<void>(),
  }));

  constructor(way: Way) {
    const { apart = 1 } = way;
    const ends = Array.from({ length: rounds + 1 }, () => 0);
    const ended = (epoch: number) => {
      ends[epoch] = (ends[epoch] ?? 0) + 1;
      if (ends[epoch] === apart) this.epochs[epoch]?.end.give();
    };
    this.ended = Promise.all(Array.from({ length: apart }, () => this.train(way, ended)));
  }

  /** Errors: those of `fit`. */
  async epoch(number: number): Promise<Epoch> {
    const cpu = process.cpuUsage();
    const start = performance.now();
    this.epochs[number]?.begin.give();
    await Promise.race([this.epochs[number]?.end.given, this.ended]);
    const { user, system } = process.cpuUsage(cpu);
    return { seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
  }

  private async train(
    { batch: batchSize, bucketBytes, apart = 1 }: Way,
    ended: (epoch: number) => void,
  ): Promise<void> {
    const session = new tn.Session({ devices: devices(), seed: 1 });
    const model = build();
    model.compile({ optimizer, loss, session });
    const { x, y } = data(examples / apart);
    const own = new URL('./one-thread.ts', import.meta.url);
    await model.fit(x, y, {
      epochs: rounds + 1,
      batchSize,
      verbose: 0,
      ...(bucketBytes && {
        strategy: dataParallel({
          mode: 'allReduce',
          replicas: apart > 1 ? 1 : replicas,
          processes,
          bucketBytes,
          devices: own,
        }),
      }),
      callbacks: {
        onEpochBegin: (epoch) => this.epochs[epoch]?.begin.given,
        onEpochEnd: ended,
      },
    });
    session.close();
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

const least = (epochs: readonly Epoch[]) => Math.min(...epochs.map(({ seconds }) => seconds));

const trainings = ways.map((way) => new Training(way));
const found: Epoch[][] = ways.map(() => []);
for (let round = 0; round <= rounds; round++)
  for (const [i, training] of trainings.entries()) {
    const epoch = await training.epoch(round);
    // The first epoch compiles.
    if (round > 0) found[i]?.push(epoch);
  }
await Promise.all(trainings.map(({ ended }) => ended));
const alone = found[0] as Epoch[];
for (const [i, { name }] of ways.entries()) {
  const own = found[i] as Epoch[];
  const times = (key: keyof Epoch) =>
    own.map((epoch, round) => (alone[round] as Epoch)[key] / epoch[key]);
  const line = {
    way: name,
    examples_per_second: Math.round(examples / median(own.map(({ seconds }) => seconds))),
    times_one_thread: Number(median(times('seconds')).toFixed(2)),
    // Of the fastest epochs: what others take of the processors counts least there.
    fastest: Number((least(alone) / least(own)).toFixed(2)),
    // Of work in threads of this process; where others use the processors too, this says more than the clock.
    ...(!processes && { cpu_of_one_thread: Number((1 / median(times('cpu'))).toFixed(2)) }),
  };
  console.log(JSON.stringify(line));
}
