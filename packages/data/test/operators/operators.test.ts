import { HostTensor } from '@tenon/core';
import { Dataset } from '@tenon/data';
import { expect } from 'chai';
import { failure } from '../graph-error.js';
import { plainOf } from '../plain.js';

const one = () => Dataset.range(5);
/** The same elements without the short cut through arrays. */
const slow = () => one().filter(() => true);

describe('operators', () => {
  const table: {
    name: string;
    make: (d: Dataset<HostTensor>) => Dataset<unknown>;
    out: unknown;
  }[] = [
    { name: 'map', make: (d) => d.map((x, i) => x.item() * 10 + i), out: [0, 11, 22, 33, 44] },
    {
      name: 'async map',
      make: (d) => d.map(async (x) => [x.item()]),
      out: [[0], [1], [2], [3], [4]],
    },
    { name: 'filter', make: (d) => d.filter((x) => x.item() % 2 === 0), out: [0, 2, 4] },
    { name: 'batch', make: (d) => d.batch(2), out: [[0, 1], [2, 3], [4]] },
    {
      name: 'batch, full only',
      make: (d) => d.batch(2, { dropRemainder: true }),
      out: [
        [0, 1],
        [2, 3],
      ],
    },
    {
      name: 'batch of batches',
      make: (d) => d.take(4).batch(2).batch(2),
      out: [
        [
          [0, 1],
          [2, 3],
        ],
      ],
    },
    { name: 'unbatch', make: (d) => d.batch(3).unbatch(), out: [0, 1, 2, 3, 4] },
    { name: 'take', make: (d) => d.take(2), out: [0, 1] },
    { name: 'take none', make: (d) => d.take(0), out: [] },
    { name: 'take more than there are', make: (d) => d.take(9), out: [0, 1, 2, 3, 4] },
    { name: 'skip', make: (d) => d.skip(3), out: [3, 4] },
    { name: 'skip all', make: (d) => d.skip(9), out: [] },
    { name: 'skip and take', make: (d) => d.skip(1).take(2), out: [1, 2] },
    { name: 'repeat', make: (d) => d.take(2).repeat(2), out: [0, 1, 0, 1] },
    { name: 'endless repeat', make: (d) => d.take(2).repeat().take(3), out: [0, 1, 0] },
    { name: 'repeat of nothing', make: (d) => d.filter(() => false).repeat(), out: [] },
    { name: 'concatenate', make: (d) => d.take(1).concatenate(d.skip(4)), out: [0, 4] },
    {
      name: 'zip to a record',
      make: (d) => Dataset.zip({ a: d, b: d.skip(3) }),
      out: [
        { a: 0, b: 3 },
        { a: 1, b: 4 },
      ],
    },
    {
      name: 'zip to a tuple',
      make: (d) => Dataset.zip([d.skip(4), d]).batch(1),
      out: [[[4], [0]]],
    },
  ];
  for (const { name, make, out } of table) {
    it(`${name}: the same with and without the short cut`, async () => {
      expect([await plainOf(make(one())), await plainOf(make(slow()))]).to.deep.equal([out, out]);
    });

    it(`${name}: a known size is the true one`, async () => {
      const { size } = make(one());
      expect(size === null || size === Infinity || size === (out as unknown[]).length).to.equal(
        true,
      );
    });
  }

  it('count', () => {
    const sizes = [one().batch(2), one().repeat(), one().batch(2).skip(1), slow(), slow().take(0)];
    expect(sizes.map(({ size }) => size)).to.deep.equal([3, Infinity, 2, null, 0]);
  });

  it('refuse counts that are not counts', async () => {
    await failure('ATTRIBUTE_INVALID', () => one().batch(0));
    await failure('ATTRIBUTE_INVALID', () => one().take(-1));
    await failure('ATTRIBUTE_INVALID', () => one().skip(0.5));
    await failure('ATTRIBUTE_INVALID', () => one().repeat(Number.NaN));
    await failure('ATTRIBUTE_INVALID', () => one().shuffle(0));
    await failure('ATTRIBUTE_INVALID', () => one().shuffle(5, { seed: 0.5 }));
    await failure('ATTRIBUTE_INVALID', () => Dataset.zip({}));
    await failure('STATE_INVALID', () => one().repeat().toArray());
  });

  it('let errors of the user through as they are', async () => {
    const mistake = new Error('mine');
    const dataset = one().map(() => {
      throw mistake;
    });
    expect(await dataset.toArray().catch((error: unknown) => error)).to.equal(mistake);
  });
});

describe('batch', () => {
  const list = (...values: unknown[]) =>
    Dataset.from([{ v: values[0] }, { v: values[1] }]).batch(2);

  it('stacks records and tuples and keeps dtypes', async () => {
    const x = new HostTensor(new Uint8Array([1, 2, 3, 4]), [2, 2]);
    const pair = Dataset.from({ x, y: [x, new BigInt64Array([5n, 6n])] });
    const describeBatch = async (dataset: typeof pair) => {
      const [batch] = await dataset.batch(2).toArray();
      return [batch?.x, ...(batch?.y ?? [])].map((tensor) => [
        tensor?.dtype,
        tensor?.shape,
        tensor?.array(),
      ]);
    };
    const expected = [
      [
        'uint8',
        [2, 2],
        [
          [1, 2],
          [3, 4],
        ],
      ],
      [
        'uint8',
        [2, 2],
        [
          [1, 2],
          [3, 4],
        ],
      ],
      ['int64', [2], [5n, 6n]],
    ];
    expect([await describeBatch(pair), await describeBatch(pair.filter(() => true))]).to.deep.equal(
      [expected, expected],
    );
  });

  it('refuses what does not stack, and says where', async () => {
    const ragged = await failure('SHAPE_MISMATCH', () => list([1], [1, 2]).toArray());
    expect(ragged.message).to.include('at v').and.include('float32[2]');
    await failure('DTYPE_MISMATCH', () => list(1, true).toArray());
    await failure('VALUE_INVALID', () => list('a', 'b').toArray());
    await failure('VALUE_INVALID', () => list(1, { w: 1 }).toArray());
    await failure('SHAPE_MISMATCH', () => one().unbatch().toArray());
  });
});
