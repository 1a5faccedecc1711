import { add, gather, hostTensor, placeholder, Session, scan, sum, type Tensor } from '@tenon/core';
import { wasm } from '@tenon/wasm';
import { expect } from 'chai';

const rows = 2000;

/** Two gathers a turn: the second fails in the first turn at the last row, the first in the second turn at row 0. */
function net() {
  const table = placeholder({ shape: [50, 8] });
  const [a, b] = [0, 1].map(() => placeholder({ shape: [2, rows], dtype: 'int32' })) as [
    Tensor,
    Tensor,
  ];
  const { carry } = scan(
    ([s], [first, second]) => {
      const found = add(gather(table, first as Tensor), gather(table, second as Tensor));
      return { carry: [add(s as Tensor, sum(found, { axis: 0 }))], outputs: [] };
    },
    { initial: [sum(table, { axis: 0 })], sequences: [a, b] },
  );
  const indices = (turn: number, row: number, value: number) => {
    const filled = new Int32Array(2 * rows);
    filled[turn * rows + row] = value;
    return hostTensor(filled, { shape: [2, rows] });
  };
  const feeds = [
    [table, hostTensor(new Float32Array(400), { shape: [50, 8] })],
    [a, indices(1, 0, 55)],
    [b, indices(0, rows - 1, 77)],
  ] as const;
  return { result: carry[0] as Tensor, feeds };
}

describe('failures', () => {
  for (const threads of [1, 2, 3]) {
    it(`are that which came first, whatever thread met it: ${threads} threads`, async () => {
      const { result, feeds } = net();
      const session = new Session({ devices: [wasm({ threads })] });
      for (let turn = 0; turn < 3; turn++) {
        // Workers take part as soon as they have started.
        if (threads > 1) await new Promise((resolve) => setTimeout(resolve, 100));
        const error = await session.run(result, { feeds }).catch(String);
        expect(error)
          .to.include('77')
          .and.include(`${rows - 1}`);
      }
      await session.close();
    });
  }
});
