import { expect } from 'chai';
import { runSource } from '../run-source.js';

const modes = [
  ['--mode', 'sync'],
  ['--mode', 'sync', '--backups', '1'],
  ['--mode', 'async'],
  ['--mode', 'hybrid', '--groups', '3'],
];

// Minutes of training: only in the long tier.
const long = process.env.TENON_RUNS !== undefined;

describe('all digits on a cluster of three workers and two servers', () => {
  for (const mode of modes) {
    it(`${mode.join(' ')} ${long ? '' : '(runs with npm run test:long)'} reads 98.5 % of the test images`, async function () {
      if (!long) this.skip();
      this.timeout(600_000);
      const cluster = ['cluster', '--workers', '3', '--ps', '2', '--'];
      const script = ['examples/train-on-a-cluster.ts', ...mode];
      const { code, stdout, stderr } = await runSource('packages/cli/src/main.ts', [
        ...cluster,
        ...script,
      ]);
      expect(code, stderr).to.equal(0);
      expect(Number(/test accuracy ([\d.]+)/.exec(stdout)?.[1])).to.be.at.least(98.5);
    });
  }
});
