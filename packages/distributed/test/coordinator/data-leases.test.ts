import { type Batch, DataLeases } from '@tenon/distributed';
import { expect } from 'chai';

const of = (...sizes: number[]): DataLeases => new DataLeases({ sizes, batchSize: 4 });

describe('DataLeases', () => {
  it('gives the same batch until it is applied, then the next', () => {
    const data = of(6, 6);
    const first = data.acquire(0) as Batch;
    expect(first).to.deep.equal({ shard: 0, epoch: 0, from: 0, to: 4 });
    expect(data.acquire(0)).to.deep.equal(first);
    expect(data.acquire(1)).to.include({ shard: 1 });
    expect(data.acquire(2)).to.equal(undefined);
    data.hold(first, 0);
    expect([data.acquire(0), data.current(first, 0)]).to.deep.equal([undefined, false]);
    data.apply(first);
    expect(data.acquire(0)).to.deep.equal({ shard: 0, epoch: 0, from: 4, to: 6 });
    expect([data.applied, data.epoch, data.current(first, 0)]).to.deep.equal([4, 0, false]);
  });

  it('a dropped batch and the batch of a dead worker come again, and do not count', () => {
    const data = of(6);
    const batch = data.acquire(0) as Batch;
    data.hold(batch, 0);
    data.drop(batch);
    expect(data.acquire(0)).to.deep.equal(batch);
    data.release(0);
    expect([data.acquire(1), data.current(batch, 0), data.applied]).to.deep.equal([
      batch,
      false,
      0,
    ]);
  });

  it('counts epochs when every shard has been applied', () => {
    const data = of(4, 4);
    for (const worker of [0, 1]) data.apply(data.acquire(worker) as Batch);
    expect([data.epoch, data.applied]).to.deep.equal([1, 8]);
  });

  it('a shard whose holder is far behind goes to another, once', () => {
    const data = of(4, 4);
    data.acquire(1);
    for (let i = 0; i < 2; i++) data.apply(data.acquire(0) as Batch);
    const taken = data.acquire(0);
    for (let i = 0; i < 2 && taken?.shard === 1; i++) data.apply(data.acquire(0) as Batch);
    expect(data.epoch).to.be.at.most(1);
    const behind = of(4, 4, 4);
    const slow = behind.acquire(9) as Batch;
    for (let i = 0; i < 6; i++) {
      const batch = behind.acquire(0) as Batch;
      if (batch.shard === slow.shard) break;
      behind.apply(batch);
    }
    expect(behind.acquire(0)).to.deep.equal(slow);
    expect([behind.current(slow, 9), behind.current(slow, 0)]).to.deep.equal([false, true]);
    expect(behind.acquire(9)).to.not.deep.equal(slow);
  });

  it('continues from a checkpoint, and refuses one of other data', () => {
    const data = of(6, 6);
    data.apply(data.acquire(0) as Batch);
    const copy = of(6, 6);
    copy.restore(JSON.parse(JSON.stringify(data.checkpoint())));
    expect(copy.applied).to.equal(4);
    expect(copy.acquire(5)).to.deep.equal({ shard: 1, epoch: 0, from: 0, to: 4 });
    expect(() => of(6).restore(data.checkpoint())).to.throw('(FORMAT_INVALID)');
    expect(() => of(3, 6).restore(data.checkpoint())).to.throw('(FORMAT_INVALID)');
    expect(() => of()).to.throw('(ATTRIBUTE_INVALID)');
  });
});
