import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { runSource } from './run-source.js';
import type { SpecResult } from './tfjs-specs/jasmine.js';
import { knownFailures } from './tfjs-specs/known-failures.js';

/** Runs the specs in a process of their own: jasmine's globals and tfjs's engine stay out of this one. */
async function runSpecs(device: string): Promise<SpecResult[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tenon-tfjs-specs-'));
  try {
    const out = path.join(folder, 'results.json');
    const { stderr } = await runSource('test/tfjs-specs/run.ts', ['--on', device, '--out', out]);
    return JSON.parse(await readFile(out, 'utf8').catch(() => expect.fail(stderr)));
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const device of ['js', 'wasm'])
  describe(`tfjs-core's own specs of operations and gradients on ${device}, answered by one-op graphs`, function () {
    this.timeout(300_000);
    let results: readonly SpecResult[];
    let listed: readonly string[];

    before(async () => {
      results = await runSpecs(device);
      listed = (await knownFailures()).flatMap(({ specs }) => specs);
    });

    it('run in full', () => {
      expect(results.length).to.be.greaterThan(3_450);
      expect(results.filter(({ status }) => status === 'skipped')).to.deep.equal([]);
    });

    it('pass at a rate of at least 95 %', () => {
      const passed = results.filter(({ status }) => status === 'passed').length;
      expect(passed / results.length).to.be.at.least(0.95);
    });

    it('fail only where the list says so', () => {
      const unexpected = results.filter(
        ({ spec, status }) => status === 'failed' && !listed.includes(spec),
      );
      expect(unexpected).to.deep.equal([]);
    });

    it('fail wherever the list says so', () => {
      const failed = new Set(
        results.filter(({ status }) => status === 'failed').map(({ spec }) => spec),
      );
      expect(listed.filter((spec) => !failed.has(spec))).to.deep.equal([]);
    });
  });
