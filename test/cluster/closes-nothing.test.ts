import { join } from 'node:path';
import { expect } from 'chai';
import { repositoryRoot } from '../architecture/source-tree.js';
import { runSource } from '../run-source.js';

describe('a script that closes nothing', () => {
  it('ends although the threads of its cluster are there', async function () {
    // Each thread loads the engine from its sources.
    this.timeout(60_000);
    const script = join(repositoryRoot, 'test/cluster/script-that-closes-nothing.ts');
    const { code, stdout, stderr } = await runSource(script);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).to.deep.equal([
      [2, 3],
      [0, 0],
    ]);
  });
});
