import { add, js, less, mul, Session, type Tensor, whileLoop } from '@tenon/core';
import { wasm } from '@tenon/wasm';
import { expect } from 'chai';

const doubled = (maximumIterations?: number) =>
  whileLoop(
    (i) => less(i as Tensor, 5),
    (i, v) => [add(i as Tensor, 1), mul(v as Tensor, 2)],
    [0, 3],
    maximumIterations === undefined ? {} : { maximumIterations },
  );

describe('a loop on a condition in a module', () => {
  for (const make of [js, wasm]) {
    it(`ends when its condition does, with a limit or without: ${make.name}`, async () => {
      const session = new Session({ devices: [make()] });
      const found = await session.run([...doubled(), ...doubled(5)]);
      expect(found.map((value) => value.item())).to.deep.equal([5, 96, 5, 96]);
      await session.close();
    });

    it(`fails when it exceeds its limit: ${make.name}`, async () => {
      const session = new Session({ devices: [make()] });
      const outcome = await session.run([...doubled(4)]).then(
        () => 'ended',
        (error) => error.message,
      );
      expect(outcome).to.match(/did not end within 4 turns.*RUN_FAILED/s);
      await session.close();
    });
  }
});
