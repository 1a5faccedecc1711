/**
 * Measures training steps as the cost model places them beside those on each device alone, in turns.
 * npx tsx --conditions=@tenon/source benchmarks/placement.ts [--cases a,b] [--rounds n] [--seconds s] [--machines m,n] [--json]
 * --cases     of models.ts, and `towers`: two nets that only their loss joins, where two workers can help.
 * --machines  `js+wasm` and `wasm+wasm`: two devices of this process; `cluster`: two workers, each a process with one thread.
 * --seconds   for each way of each round.
 */
import { parseArgs } from 'node:util';
import { createLocalCluster } from '@tenon/distributed';
import * as tn from 'tenon';
import { type ModelCase, models } from './models.js';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: 'mlp_small,mlp_mnist,cnn_mnist,lstm_text,towers' },
    machines: { type: 'string', default: 'js+wasm,wasm+wasm,cluster' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

/** Two nets on the same input, as wide as that of mlp_mnist. */
const towers: ModelCase = {
  ...(models.mlp_mnist as ModelCase),
  model() {
    const { dense, add } = tn.layers;
    const x = tn.input({ shape: [784] });
    const tower = (name: string) => {
      const layer = (units: number, i: number) =>
        dense({ units, activation: i < 2 ? 'relu' : 'linear', name: `${name}${i}` });
      return [512, 512, 10].reduce((y, units, i) => layer(units, i).apply(y), x as tn.Tensor);
    };
    const y = tn.layers
      .activation({ activation: 'softmax' })
      .apply(add().apply([tower('a'), tower('b')]));
    return tn.model({ inputs: x, outputs: y });
  },
};

const cases: Readonly<Record<string, ModelCase>> = { ...models, towers };

/** One way to run a step. */
interface Way {
  readonly name: string;
  readonly automatic: boolean;
  open(): Promise<{ readonly session: tn.Session; close(): Promise<void> }>;
}

const inProcess = (name: string, automatic: boolean, make: () => tn.Device[]): Way => ({
  name,
  automatic,
  async open() {
    const devices = make();
    const session = new tn.Session({ devices, seed: 1, placement: { automatic } });
    return {
      session,
      async close() {
        session.close();
        for (const device of devices) device.close();
      },
    };
  },
});

const clustered = (name: string, workers: number, automatic: boolean): Way => ({
  name,
  automatic,
  async open() {
    const devices = new URL('../packages/cli/src/commands/task-devices.ts', import.meta.url);
    const cluster = await createLocalCluster({ workers, tasks: 'processes', devices });
    return {
      session: cluster.session({ seed: 1, placement: { automatic } }),
      close: () => cluster.close(),
    };
  },
});

const one = () => tn.wasm({ index: 0, threads: 1 });
const other = () => tn.wasm({ index: 1, threads: 1 });

const machines: Readonly<Record<string, readonly Way[]>> = {
  'js+wasm': [
    inProcess('js alone', false, () => [tn.js()]),
    inProcess('wasm alone', false, () => [one()]),
    inProcess('placed', true, () => [tn.js(), one()]),
  ],
  'wasm+wasm': [
    inProcess('wasm alone', false, () => [one()]),
    inProcess('placed', true, () => [one(), other()]),
  ],
  cluster: [clustered('one worker', 1, false), clustered('placed', 2, true)],
};

/** A model that trains in a session of its own. */
class Trial {
  readonly way: Way;
  readonly times: number[] = [];
  private readonly model: tn.Model;
  private readonly data: ReturnType<ModelCase['data']>;
  private readonly batch: number;
  private readonly close: () => Promise<void>;

  private constructor(way: Way, found: ModelCase, opened: Awaited<ReturnType<Way['open']>>) {
    const { batch, optimizer, loss } = found;
    this.way = way;
    this.batch = batch;
    this.close = opened.close;
    this.model = found.model();
    this.model.compile({ optimizer, loss, session: opened.session });
    this.data = found.data(batch);
  }

  static async start(way: Way, found: ModelCase): Promise<Trial> {
    const trial = new Trial(way, found, await way.open());
    for (let i = 0; i < 3; i++) await trial.step();
    return trial;
  }

  private async step(): Promise<number> {
    const start = performance.now();
    const { x, y } = this.data;
    await this.model.fit(x, y, { epochs: 1, batchSize: this.batch, verbose: 0 });
    return performance.now() - start;
  }

  async measure(seconds: number): Promise<void> {
    const end = performance.now() + 1000 * seconds;
    do this.times.push(await this.step());
    while (performance.now() < end);
  }

  get least(): number {
    return Math.min(...this.times);
  }

  end(): Promise<void> {
    return this.close();
  }
}

async function compare(name: string, machine: string): Promise<void> {
  const found = cases[name];
  const ways = machines[machine];
  if (!found) throw new Error(`there is no case ${name}; cases: ${Object.keys(cases).join(', ')}`);
  if (!ways)
    throw new Error(
      `there is no machine ${machine}; machines: ${Object.keys(machines).join(', ')}`,
    );
  const trials: Trial[] = [];
  try {
    for (const way of ways) trials.push(await Trial.start(way, found));
    for (let round = 0; round < Number(values.rounds); round++)
      for (const trial of trials) await trial.measure(Number(values.seconds));
    print(name, machine, trials);
  } finally {
    for (const trial of trials) await trial.end();
  }
}

function print(name: string, machine: string, trials: readonly Trial[]): void {
  const alone = Math.min(...trials.filter(({ way }) => !way.automatic).map(({ least }) => least));
  const placed = Math.min(...trials.filter(({ way }) => way.automatic).map(({ least }) => least));
  const times = Object.fromEntries(
    trials.map(({ way, least }) => [way.name, Number(least.toPrecision(3))]),
  );
  const ratio = Number((placed / alone).toPrecision(3));
  if (values.json) console.log(JSON.stringify({ case: name, machine, times, ratio }));
  else {
    const all = Object.entries(times).map(([way, ms]) => `${way} ${ms} ms`);
    console.log(`${name} on ${machine}: ${all.join(', ')}; placed / best alone ${ratio}`);
  }
}

for (const machine of values.machines.split(','))
  for (const name of values.cases.split(',')) await compare(name, machine);
