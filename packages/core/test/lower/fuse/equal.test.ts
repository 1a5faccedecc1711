import { js, Session } from '@tenon/core';
import { expect } from 'chai';
import { type Net, nets } from './nets.js';

/** What three runs give, and the variables after them. */
async function resultsOf({ fetches, feeds, variables }: Net, fuse: boolean) {
  const session = new Session({ devices: [js({ fuse })], seed: 9 });
  const runs = [1, 2, 3].map(() => session.runSync(fetches, { feeds }));
  const state = await Promise.all(variables.map((one) => session.read(one)));
  session.close();
  return { runs, state };
}

describe('fusing changes no bit of', () => {
  for (const [name, build] of Object.entries(nets)) {
    it(name, async () => {
      const net = build();
      expect(await resultsOf(net, true)).to.deep.equal(await resultsOf(net, false));
    });
  }
});
