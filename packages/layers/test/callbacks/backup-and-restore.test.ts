import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { js, Session } from '@tenon/core';
import { Dataset } from '@tenon/data';
import { expect } from 'chai';
import { callbacks, type FitOptions, initializers, layers, sequential } from '../../src/index.js';

const rows = 22;
const x = Array.from({ length: rows }, (_, i) => [Math.sin(i), Math.cos(i), i / rows]);
const y = x.map(([a = 0, b = 0]) => [a > b ? 1 : 0]);
const batches = () => Dataset.from({ xs: x, ys: y }).shuffle(rows, { seed: 4 }).batch(5);

function netIn(session: Session, stepsPerExecution = 1) {
  const kernelInitializer = initializers.glorotUniform({ seed: 1 });
  const model = sequential({
    name: 'net',
    layers: [
      layers.dense({ units: 6, activation: 'relu', inputShape: [3], kernelInitializer }),
      layers.batchNormalization(),
      layers.dropout({ rate: 0.25, seed: 2 }),
      layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer }),
    ],
  });
  const [optimizer, loss, metrics] = ['adam', 'binaryCrossentropy', ['binaryAccuracy']] as const;
  model.compile({ optimizer, loss, metrics, session, stepsPerExecution });
  return model;
}

type Data = 'arrays' | 'data set';

interface Run extends FitOptions {
  readonly data: Data;
  readonly stepsPerExecution?: number;
}

/** Trains from the beginning, as a script would that is run again; what can be told of the end. */
async function trained({ data, stepsPerExecution = 1, ...options }: Run) {
  const session = new Session({ seed: 3, devices: [js()] });
  const model = netIn(session, stepsPerExecution);
  const fitOptions = { epochs: 2, verbose: 0, ...options } as const;
  const { history } =
    data === 'arrays'
      ? await model.fit(x, y, { batchSize: 5, ...fitOptions })
      : await model.fit(batches(), fitOptions);
  const lastLogs = Object.values(history).map((values) => values.at(-1));
  return { weights: await model.getWeights(), lastLogs, runs: session.runs };
}

/** Ends training after so many batches. */
const stopAfter = (count: number) => {
  let seen = 0;
  return callbacks.lambdaCallback({
    onBatchEnd: () => {
      if (++seen === count) throw new Error('the process ends');
    },
  });
};

describe('backupAndRestore', () => {
  let directory: string;

  beforeEach(async () => {
    directory = join(await mkdtemp(join(tmpdir(), 'tenon-backup-')), 'backup');
  });
  afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }));

  const schedule = () => callbacks.learningRateScheduler((_epoch, rate) => 0.9 * rate);
  const cases: readonly [string, Run, 'epoch' | number, number][] = [
    ['arrays, after each epoch', { data: 'arrays' }, 'epoch', 7],
    ['arrays, after each step', { data: 'arrays' }, 1, 1],
    ['arrays, after every third step', { data: 'arrays' }, 3, 4],
    ['several steps at once', { data: 'arrays', stepsPerExecution: 2 }, 3, 4],
    ['epochs of a number of steps', { data: 'arrays', stepsPerEpoch: 3 }, 2, 5],
    ['a data set', { data: 'data set' }, 2, 4],
    ['epochs of a number of steps of a data set', { data: 'data set', stepsPerEpoch: 4 }, 3, 5],
    ['validation', { data: 'arrays', validationSplit: 0.3 }, 2, 4],
  ];

  for (const [what, run, every, count] of cases) {
    it(`resumes training that was stopped anywhere, bit for bit: ${what}`, async () => {
      const expected = await trained({ ...run, callbacks: schedule() });
      const backup = () => callbacks.backupAndRestore({ directory, every });
      let stopped = 0;
      for (let tries = 0; tries < 2; tries++) {
        const all = [schedule(), backup(), stopAfter(count)];
        await trained({ ...run, callbacks: all }).catch((error: Error) => {
          expect(error.message).to.equal('the process ends');
          stopped++;
        });
      }
      expect(stopped, 'it was stopped').to.be.at.least(1);
      const resumed = await trained({ ...run, callbacks: [schedule(), backup()] });
      expect(resumed).to.deep.equal(expected);
      expect(existsSync(directory), 'the backups are gone').to.equal(false);
    });
  }

  it('keeps so many backups, and at the end if it is asked to', async () => {
    const backup = callbacks.backupAndRestore({ directory, every: 2, keep: 3, deleteAtEnd: false });
    await trained({ data: 'arrays', callbacks: backup });
    expect((await readdir(directory)).sort()).to.deep.equal(['step-10', 'step-7', 'step-9']);
    const again = await trained({ data: 'arrays', callbacks: backup });
    expect(again.lastLogs, 'nothing is left to do').to.deep.equal([]);
  });

  it('leaves other files in its directory alone', async () => {
    const backup = callbacks.backupAndRestore({ directory });
    const note = callbacks.lambdaCallback({
      onEpochEnd: () => writeFile(join(directory, 'note.txt'), 'mine'),
    });
    await trained({ data: 'arrays', callbacks: [backup, note] });
    expect(await readdir(directory)).to.deep.equal(['note.txt']);
  });

  it('refuses the backup of another model', async () => {
    const backup = callbacks.backupAndRestore({ directory });
    await trained({ data: 'arrays', callbacks: [backup, stopAfter(7)] }).catch(() => {});
    const session = new Session();
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [3] })] });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError', session });
    const error = await model.fit(x, y, { verbose: 0, callbacks: backup }).catch((one) => one);
    expect(error).to.include({ code: 'NAME_UNKNOWN' });
  });
});
