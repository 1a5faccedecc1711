import { js, randomUniform, Session } from '@tenon/core';
import { wasm } from '@tenon/wasm';
import { expect } from 'chai';

// Around every number of whole groups and of the rest that a thread may get.
const counts = [...Array.from({ length: 70 }, (_, i) => i), 1000, 40_001, 100_003];

describe('random bits', () => {
  it('are those of the interpreter, for every count and number of threads', async () => {
    const fetches = counts.map((count) => randomUniform({ shape: [count], seed: 5 }));
    const found = await Promise.all(
      [js(), wasm({ threads: 1 }), wasm({ threads: 2 })].map(async (device) => {
        const session = new Session({ seed: 3, devices: [device] });
        const values = await session.run(fetches);
        await session.close();
        return values.map(({ data }) => Array.from(data, Number));
      }),
    );
    counts.forEach((count, i) => {
      const [expected, ...others] = found.map((values) => values[i]);
      for (const values of others) expect(values, `${count} numbers`).to.deep.equal(expected);
    });
  });
});
