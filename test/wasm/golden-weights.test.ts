import { expect } from 'chai';
import * as tn from 'tenon';
import { trainedNet } from './trained-net.js';

// Another hash means that sums are in another order than before, or that a formula has changed: on purpose, or not.
const golden = '39467342b6154e7a';

describe('weights of a convnet that was trained on wasm', () => {
  const hashes = async (deterministic: boolean): Promise<string[]> => {
    const found: string[] = [];
    for (const threads of [1, 2, 3])
      found.push(await trainedNet(tn.wasm({ threads, deterministic })));
    return found;
  };

  it('have the golden hash with 1, 2 and 3 threads', async () => {
    expect(await hashes(true)).to.deep.equal([golden, golden, golden]);
  });

  it('are the same bits with 1, 2 and 3 threads where multiply-adds round once', async () => {
    expect(new Set(await hashes(false)).size).to.equal(1);
  });
});
