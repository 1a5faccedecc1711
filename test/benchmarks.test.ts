import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Gate, gatesOf, holds, ratioTo, verdict } from '../benchmarks/gates.js';
import { joined } from '../benchmarks/measure.js';
import { fromSource, type Line, lineOf } from '../benchmarks/peers.js';
import { type RoofLine, vectorAdvantage } from '../benchmarks/roofs.js';
import { tables } from '../benchmarks/table.js';
import { repositoryRoot } from './architecture/source-tree.js';

const line = (peer: string, name: string, train_median_ms: number, more = {}): Line => ({
  peer,
  case: name,
  threads: 2,
  train_ms: train_median_ms,
  train_median_ms,
  ...more,
});

const roofs: readonly RoofLine[] = [
  { peer: 'tenon', case: 'roof', threads: 1, gflops: 50 },
  { peer: 'tenon', case: 'gemm 512', threads: 1, gflops: 40, of_roof: 0.8 },
  { peer: 'tenon', case: 'gemm 512', threads: 2, gflops: 60, of_roof: 0.6, speedup: 1.5 },
  { peer: 'tenon', case: 'gemm 64', threads: 1, gflops: 10, of_roof: 0.2 },
  { peer: 'torch', case: 'gemm 512', threads: 1, gflops: 90 },
  { peer: 'torch', case: 'gemm 1024', threads: 1, gflops: 100 },
];

const found = (gates: readonly Gate[], factor: number) =>
  gates.map((gate) => [gate.states, Number(gate.found.toFixed(3)), holds(gate, factor)]);

describe('benchmarks', function () {
  this.timeout(60_000);

  it('a training step is compared with the best setting of a peer', () => {
    const lines = [
      line('tenon', 'linreg', 0.01),
      line('torch', 'linreg', 0.5),
      line('torch', 'linreg', 0.1),
      line('torch', 'linreg', 0, { error: 'died' }),
    ];
    const states = 'linreg: training step, ours / torch';
    expect(found(gatesOf({ lines, roofs: [] }), 1)).to.eql([[states, 0.1, false]]);
    expect(found(gatesOf({ lines, roofs: [] }), 2)).to.eql([[states, 0.1, true]]);
  });

  it('a case that did not run misses its gates, on either side; a peer that was left out has none', () => {
    const died = { error: 'died' };
    const lines = [
      line('tenon', 'linreg', 0, died),
      line('torch', 'linreg', 0.5),
      line('tenon', 'mlp_small', 0.01),
      line('torch', 'mlp_small', 0, died),
    ];
    const gates = gatesOf({ lines, roofs: [] });
    expect(gates.map((gate) => [gate.case, holds(gate, 100)])).to.eql([
      ['linreg', false],
      ['mlp_small', false],
    ]);
    expect(gatesOf({ lines: [line('tenon', 'linreg', 1)], roofs: [] })).to.eql([]);
  });

  it('only gates of products against PyTorch are widened by its vectors; a verdict judges by the plain target', () => {
    const names = ['mlp_small', 'mlp_mnist'];
    const lines = names.flatMap((name) => [
      line('tenon', name, 1.2),
      line('torch', name, 1),
      line('jax-js', name, 1),
    ]);
    expect(vectorAdvantage(roofs)).to.equal(2);
    const gates = gatesOf({ lines, roofs }).filter(({ case: name }) => name !== 'roofs');
    expect(found(gates, 1)).to.eql([
      ['mlp_small: training step, ours / torch', 1.2, false],
      ['mlp_mnist: training step, ours / torch', 1.2, true],
      ['mlp_mnist: training step, ours / jax-js', 1.2, false],
    ]);
    expect(verdict(gates[1] as Gate, 1)).to.contain('target at most 0.7 is not met, gate 1.40');
    expect(tables({ lines, roofs })).to.contain('| 0.7 not met |');
  });

  it('the advantage of vectors lies between 1 and 4, and is unknown without PyTorch', () => {
    const [roof] = roofs as [RoofLine];
    const beside = (gflops: number) =>
      vectorAdvantage([roof, { peer: 'torch', case: 'gemm 512', threads: 1, gflops }]);
    expect([9, 100, 900].map(beside)).to.eql([1, 2, 4]);
    expect(vectorAdvantage([roof])).to.equal(undefined);
  });

  it('large products must reach their part of the roof, and their speed-up on two threads', () => {
    const gates = gatesOf({ lines: [], roofs });
    expect(found(gates, 1)).to.eql([
      ['gemm 512: part of the roof, 1 thread', 0.8, true],
      ['gemm 512: speed-up, 2 threads', 1.5, false],
    ]);
    expect(found(gates, 1.5).map(([, , met]) => met)).to.eql([true, true]);
  });

  it('the first step of the convnet has a limit in milliseconds', () => {
    const lines = [line('tenon', 'cnn_mnist', 50, { first_step_ms: 900 })];
    const gates = gatesOf({ lines, roofs: [] });
    expect([1, 1.5].map((factor) => found(gates, factor))).to.eql([
      [['cnn_mnist: first training step, ms', 900, false]],
      [['cnn_mnist: first training step, ms', 900, true]],
    ]);
  });

  it('the digits must be read well, whatever the factor, and soon', () => {
    const example = { peer: 'tenon', case: 'digits', seconds: 100, accuracy: 0.98 } as const;
    const measured = { lines: [], roofs: [], digits: example };
    expect(found(gatesOf(measured), 1.5)).to.eql([
      ['digits: test accuracy', 0.98, false],
      ['digits: seconds', 100, true],
    ]);
    expect(tables(measured)).to.contain('| 0.99 not met |').and.contain('| 90 not met |');
  });

  it('rounds are joined to the fastest and the median; a round that failed fails the line', () => {
    const rounds = [3, 1, 8, 4].map((ms) => line('tenon', 'linreg', ms));
    expect(joined(rounds)).to.include({ train_ms: 1, train_median_ms: 3.5, infer_ms: null });
    const failed = line('tenon', 'linreg', 0, { error: 'died' });
    expect(joined([...rounds, failed])).to.equal(failed);
    expect(ratioTo([failed], rounds[0] as Line)).to.equal(Number.POSITIVE_INFINITY);
  });

  it('a process that dies says so in its line', async () => {
    const args = ['-e', 'throw new Error("no memory")'];
    const of = { peer: 'tenon', case: 'linreg', threads: 1 };
    const { error, ...rest } = await lineOf({ file: process.execPath, args }, of);
    expect(rest).to.eql(of);
    expect(error).to.contain('no memory');
  });

  it('a short run prints a JSON line with what is promised', async () => {
    const options = ['--cases', 'linreg', '--peers', '', '--rounds', '1', '--seconds', '0.1'];
    const args = [...fromSource, 'benchmarks/run.ts', '--threads', '1', '--json', ...options];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: repositoryRoot });
    const printed = JSON.parse(stdout) as Line;
    expect(printed).to.include({ peer: 'tenon', case: 'linreg', threads: 1 });
    const keys = ['train_ms', 'infer_ms', 'compile_ms', 'first_step_ms', 'peak_mb'] as const;
    for (const key of keys) expect(printed[key], key).to.be.greaterThan(0);
  });
});
