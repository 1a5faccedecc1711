// Training of a small convolutional net on one thread, and on replicas that add up their gradients: ways take turns, an epoch each.
// Run by hand: npx tsx --conditions=@tenon/source packages/distributed/benchmarks/all-reduce.ts [replicas] [rounds] [threads|processes]
import * as tn from 'tenon';
import { type ModelCase, models } from '../../../benchmarks/models.js';
import { dataParallel } from '../src/index.js';
import { devices } from './one-thread.js';

const [replicas = 2, rounds = 5] = process.argv.slice(2, 4).map(Number);
const processes = process.argv[4] === 'processes';
const { batch, optimizer, loss, model: build, data } = models.cnn_mnist as ModelCase;
const examples = 20 * replicas * batch;

interface Way {
  readonly name: string;
  readonly batch: number;
  readonly bucketBytes?: number;
}

// With one bucket nothing leaves before the backward pass has ended.
const ways: readonly Way[] = [
  { name: 'one thread', batch },
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

/** Epochs of one way, each of which begins when it is told to and gives its examples per second. */
class Training {
  readonly ended: Promise<void>;
  private readonly epochs = Array.from({ length: rounds + 1 }, () => ({
    begin: signal<void>(),
    speed: signal<number>(),
  }));

  constructor(way: Way) {
    this.ended = this.train(way);
  }

  async epoch(number: number): Promise<number> {
    this.epochs[number]?.begin.give();
    return (await Promise.race([this.epochs[number]?.speed.given, this.ended])) as number;
  }

  private async train({ batch: batchSize, bucketBytes }: Way): Promise<void> {
    const session = new tn.Session({ devices: devices(), seed: 1 });
    const model = build();
    model.compile({ optimizer, loss, session });
    const { x, y } = data(examples);
    const own = new URL('./one-thread.ts', import.meta.url);
    await model.fit(x, y, {
      epochs: rounds + 1,
      batchSize,
      verbose: 0,
      ...(bucketBytes && {
        strategy: dataParallel({
          mode: 'allReduce',
          replicas,
          processes,
          bucketBytes,
          devices: own,
        }),
      }),
      callbacks: {
        onEpochBegin: (epoch) => this.epochs[epoch]?.begin.given,
        onEpochEnd: (epoch, _logs, seconds) => this.epochs[epoch]?.speed.give(examples / seconds),
      },
    });
    session.close();
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

const trainings = ways.map((way) => new Training(way));
const found: number[][] = ways.map(() => []);
for (let round = 0; round <= rounds; round++)
  for (const [i, training] of trainings.entries()) {
    const speed = await training.epoch(round);
    // The first epoch compiles.
    if (round > 0) found[i]?.push(speed);
  }
await Promise.all(trainings.map(({ ended }) => ended));
const alone = found[0] as number[];
for (const [i, { name }] of ways.entries()) {
  const own = found[i] as number[];
  const ratios = own.map((speed, round) => speed / (alone[round] as number));
  const line = {
    way: name,
    examples_per_second: Math.round(median(own)),
    times_one_thread: Number(median(ratios).toFixed(2)),
    best: Number(Math.max(...ratios).toFixed(2)),
  };
  console.log(JSON.stringify(line));
}
