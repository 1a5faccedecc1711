import { randomUUID } from 'node:crypto';
import { checkedPlacement, Profile } from '@tenon/core';
import { expect } from 'chai';
import { Homes } from '../../src/master/homes.js';
import { recordOf, sessionRecord } from '../../src/master/session-record.js';

describe('the record of a session', () => {
  it('gives back how graphs are placed and where variables are', () => {
    const profile = new Profile();
    profile.set('js', 'matMul [2,3]', 0.25);
    const link = { latency: 1e-3, secondsPerByte: 3e-9 };
    const placement = checkedPlacement({
      automatic: true,
      profile,
      links: { memory: link, network: link },
      search: { seed: 7 },
    });
    const homes = new Homes([
      [1, 'a', 40],
      [2, 'b', 8],
      [3, 'a', 2],
    ]);
    const parts = { members: [], callables: new Map(), graphs: 4 };
    const record = recordOf({ name: randomUUID(), placement, homes, ...parts });
    const read = sessionRecord.parse(JSON.parse(JSON.stringify(record)));
    expect(read.placement.profile?.toJSON()).to.deep.equal(profile.toJSON());
    expect({ ...read.placement, profile }).to.deep.equal(placement);
    expect(new Homes(read.homes).heldBytes).to.deep.equal(homes.heldBytes);
  });

  it('is refused where its options of placement are unknown', () => {
    const parts = { members: [], callables: new Map(), graphs: 0 };
    const homes = new Homes();
    const record = recordOf({ name: randomUUID(), placement: checkedPlacement(), homes, ...parts });
    expect(() => sessionRecord.parse({ ...record, placement: { fast: true } })).to.throw(/fast/);
  });
});
