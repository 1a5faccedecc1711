import { describeOps, opTable } from '@tenon/conformance';
import { expect } from 'chai';
import * as tn from 'tenon';
import { trainedNet } from '../wasm/trained-net.js';

declare const mocha: { run(done: (failures: number) => void): Runner };
declare const crossOriginIsolated: boolean;
declare const navigator: { readonly hardwareConcurrency: number };

interface Test {
  readonly err?: { readonly message: string };
  fullTitle(): string;
}

interface Runner {
  readonly stats: { readonly passes: number };
  on(event: 'fail', listener: (test: Test, error: Error) => void): void;
}

const device = tn.wasm();
const families = ['arithmetic', 'linear', 'reduction', 'convolution', 'gather', 'random'] as const;
for (const family of families) {
  describeOps(`${family} on wasm in a browser`, opTable[`${family}Cases`], {
    device: () => device,
  });
}

describe('training in a browser', () => {
  it('runs on threads where the page is isolated, on one where it is not', () => {
    const { threads } = device as tn.Device & { threads: number };
    expect(threads > 1).to.equal(crossOriginIsolated && navigator.hardwareConcurrency > 1);
  });

  it('learns the same weights for any number of threads', async () => {
    const one = await trainedNet(tn.wasm({ threads: 1, deterministic: true }));
    const all = await trainedNet(tn.wasm({ deterministic: true }));
    expect(all).to.deep.equal(one);
  });
});

const failures: string[] = [];
const runner = mocha.run(() => {
  const result = { passed: runner.stats.passes, failures };
  (globalThis as unknown as { finished: unknown }).finished = result;
});
runner.on('fail', (test, error) => failures.push(`${test.fullTitle()}: ${error.message}`));
