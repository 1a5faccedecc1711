import { type HostTensor, hostTensor } from '@tenon/core';
import { batches, Dataset } from '@tenon/data';
import { expect } from 'chai';
import fc from 'fast-check';
import { plainOf } from '../plain.js';

const numbersOf = async (dataset: AsyncIterable<HostTensor>): Promise<number[]> => {
  const numbers: number[] = [];
  for await (const element of dataset) numbers.push(element.item());
  return numbers;
};
const sorted = (values: number[]) => [...values].sort((a, b) => a - b);
const seeds = fc.maxSafeInteger();
const counts = fc.integer({ min: 0, max: 40 });

describe('shuffle', () => {
  it('is a permutation, the same for the same seed and pass, with and without the short cut', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        counts,
        fc.integer({ min: 1, max: 50 }),
        fc.nat(9),
        async (seed, n, buffer, epoch) => {
          const range = Dataset.range(n);
          const order = await numbersOf(range.shuffle(buffer, { seed }).pass(epoch));
          const again = await numbersOf(
            range
              .filter(() => true)
              .shuffle(buffer, { seed })
              .pass(epoch),
          );
          expect(again).to.deep.equal(order);
          expect(sorted(order)).to.deep.equal(Array.from({ length: n }, (_, i) => i));
        },
      ),
    ));

  it('gives every pass and every seed another order, and the same one when told to', async () => {
    const range = Dataset.range(20);
    const anew = range.shuffle(Infinity, { seed: 3 });
    const still = range.shuffle(Infinity, { seed: 3, reshuffleEachIteration: false });
    const orders = [
      await plainOf(anew),
      await plainOf(anew),
      await plainOf(range.shuffle(20, { seed: 4 })),
    ];
    expect(new Set(orders.map(String)).size).to.equal(3);
    expect([await plainOf(still), await plainOf(still)]).to.deep.equal([orders[0], orders[0]]);
  });

  it('shuffles each repetition anew', async () => {
    const order = await numbersOf(Dataset.range(20).shuffle(20, { seed: 1 }).repeat(2));
    expect(order.slice(20)).not.to.deep.equal(order.slice(0, 20));
    expect(sorted(order.slice(20))).to.deep.equal(sorted(order.slice(0, 20)));
  });

  it('keeps elements from leaving before the buffer has seen them', async () => {
    const order = await numbersOf(Dataset.range(50).shuffle(5, { seed: 8 }));
    expect(order.every((value, position) => value < position + 5)).to.equal(true);
  });

  it('makes each of the 24 orders of four about equally likely', async () => {
    const seen = new Map<string, number>();
    const dataset = Dataset.range(4).shuffle(4, { seed: 12 });
    for (let epoch = 0; epoch < 4800; epoch++) {
      const order = `${await numbersOf(dataset.pass(epoch))}`;
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    // Chi-square with 23 degrees of freedom exceeds 49.7 with probability 0.001; the seed is fixed.
    const chiSquare = [...seen.values()].reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
    expect([seen.size, chiSquare < 49.7]).to.deep.equal([24, true]);
  });
});

describe('batch', () => {
  it('is undone by unbatch', () =>
    fc.assert(
      fc.asyncProperty(
        counts,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 20 }),
        async (n, size, width) => {
          const x = hostTensor(
            Float32Array.from({ length: n * width }, (_, i) => i),
            { shape: [n, width] },
          );
          const rows = Dataset.from({ x, y: Int32Array.from({ length: n }, (_, i) => -i) });
          const expected = await plainOf(rows);
          expect(await plainOf(rows.batch(size).unbatch())).to.deep.equal(expected);
          expect(
            await plainOf(
              rows
                .filter(() => true)
                .batch(size)
                .unbatch(),
            ),
          ).to.deep.equal(expected);
        },
      ),
    ));
});

describe('batches', () => {
  it('gives the batches of the dataset, in buffers that it uses again', () =>
    fc.assert(
      fc.asyncProperty(
        counts,
        fc.integer({ min: 1, max: 9 }),
        fc.option(seeds),
        fc.nat(5),
        async (n, batchSize, seed, epoch) => {
          const x = hostTensor(
            Float32Array.from({ length: n * 3 }, (_, i) => i),
            { shape: [n, 3] },
          );
          const y = hostTensor(Int32Array.from({ length: n }, (_, i) => i));
          const dataset = Dataset.from([x, y]);
          const order = seed === null ? dataset : dataset.shuffle(Infinity, { seed });
          const expected: unknown[] = [];
          for await (const batch of order.batch(batchSize).pass(epoch))
            expected.push(batch.map((t) => t.array()));
          const found: unknown[] = [];
          const buffers = new Set<ArrayBufferLike>();
          for (const batch of batches([x, y], { batchSize, shuffle: seed ?? false, epoch })) {
            found.push(batch.map((tensor) => tensor.array()));
            for (const { data } of batch) buffers.add(data.buffer);
          }
          expect(found).to.deep.equal(expected);
          expect(buffers.size).to.equal(n === 0 ? 0 : 2);
        },
      ),
    ));

  it('leaves out the remainder when told to', () => {
    const x = hostTensor([1, 2, 3]);
    const rows = [...batches([x], { batchSize: 2, shuffle: false, dropRemainder: true })];
    expect(rows.map(([batch]) => batch?.array())).to.deep.equal([[1, 2]]);
  });
});
