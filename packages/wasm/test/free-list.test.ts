import { expect } from 'chai';
import { FreeList } from '../src/memory/free-list.js';

describe('the free list', () => {
  it('lays blocks in a row where all of them fit, and takes each back by itself', () => {
    const list = new FreeList(64, 1024);
    const [first, second] = [list.allocate(100) as number, list.allocate(10) as number];
    list.free(first);
    // The gap of 128 bytes is too small for the row, and still there for others.
    const row = list.allocateRow([70, 1, 64]) as number[];
    expect([first, second, row, list.allocate(128)]).to.deep.equal([64, 192, [256, 384, 448], 64]);
    list.free(row[1] as number);
    expect([list.allocate(200), list.allocate(1)]).to.deep.equal([512, 384]);
    expect(list.allocateRow([600])).to.equal(undefined);
  });

  it('knows the end of the highest block, also when nothing is free behind it', () => {
    const list = new FreeList(64, 256);
    const first = list.allocate(64) as number;
    list.allocate(64);
    expect(list.top).to.equal(192);
    list.allocate(64);
    expect(list.top).to.equal(256);
    list.free(first);
    expect(list.top).to.equal(256);
  });
});
