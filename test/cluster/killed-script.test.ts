import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runSource } from '../run-source.js';

describe('a script of tenon cluster that is killed', function () {
  this.timeout(60_000);

  it('is run again, and ends with the weights of one that was not', async () => {
    const weightsOf = async (...options: string[]) => {
      const folder = await mkdtemp(join(tmpdir(), 'tenon-killed-'));
      const { code, stdout, stderr } = await runSource('packages/cli/src/main.ts', [
        ...['cluster', '--workers', '2', '--ps', '1', '--restarts', '1', '--'],
        ...['test/cluster/script-that-is-killed.ts', folder, ...options],
      ]);
      await rm(folder, { recursive: true });
      expect(code, stderr).to.equal(0);
      return { weights: JSON.parse(stdout) as unknown, stderr };
    };
    const killed = await weightsOf('killed');
    expect(killed.stderr).to.match(/has ended \(SIGKILL\) and is run again: 1 of at most 1 times/);
    const undisturbed = await weightsOf();
    expect(killed.weights).to.deep.equal(undisturbed.weights);
  });
});
