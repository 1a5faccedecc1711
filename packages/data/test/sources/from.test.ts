import { HostTensor } from '@tenon/core';
import { Dataset } from '@tenon/data';
import { expect } from 'chai';
import { failure } from '../graph-error.js';
import { plainOf } from '../plain.js';

describe('Dataset.from', () => {
  const x = new HostTensor(new Float32Array([1, 2, 3, 4]), [2, 2]);
  const y = new Int32Array([7, 8]);
  const sources: { name: string; dataset: Dataset<unknown>; elements: unknown[]; size: unknown }[] =
    [
      {
        name: 'a tensor',
        dataset: Dataset.from(x),
        elements: [
          [1, 2],
          [3, 4],
        ],
        size: 2,
      },
      { name: 'a typed array', dataset: Dataset.from(y), elements: [7, 8], size: 2 },
      { name: 'nested arrays', dataset: Dataset.from([[1], [2]]), elements: [[1], [2]], size: 2 },
      { name: 'booleans', dataset: Dataset.from([true, false]), elements: [true, false], size: 2 },
      { name: 'nothing', dataset: Dataset.from([]), elements: [], size: 0 },
      {
        name: 'a record of arrays',
        dataset: Dataset.from({ y, x: { deep: x } }),
        elements: [
          { x: { deep: [1, 2] }, y: 7 },
          { x: { deep: [3, 4] }, y: 8 },
        ],
        size: 2,
      },
      {
        name: 'a tuple of arrays',
        dataset: Dataset.from([x, y]),
        elements: [
          [[1, 2], 7],
          [[3, 4], 8],
        ],
        size: 2,
      },
      {
        name: 'a list of records',
        dataset: Dataset.from([
          { a: 1, s: 'one' },
          { a: 2, s: 'two' },
        ]),
        elements: [
          { a: 1, s: 'one' },
          { a: 2, s: 'two' },
        ],
        size: 2,
      },
      { name: 'a set', dataset: Dataset.from(new Set([5, 6])), elements: [5, 6], size: null },
    ];
  for (const { name, dataset, elements, size } of sources) {
    it(`reads ${name}, each pass anew`, async () => {
      expect([await plainOf(dataset), await plainOf(dataset), dataset.size]).to.deep.equal([
        elements,
        elements,
        size,
      ]);
    });
  }

  it('shares the memory of the arrays', async () => {
    const [first] = await Dataset.from(x).toArray();
    expect(first?.data.buffer).to.equal(x.data.buffer);
  });

  it('refuses what holds no rows', async () => {
    await failure('SHAPE_MISMATCH', () => Dataset.from({ x, y: [1, 2, 3] }));
    await failure('SHAPE_MISMATCH', () => Dataset.from(new HostTensor(new Float32Array(1), [])));
    await failure('VALUE_INVALID', () => Dataset.from([[1, 2], [3]]));
    await failure('VALUE_INVALID', () => Dataset.from({}));
    await failure('VALUE_INVALID', () => Dataset.from({ x, names: ['a', 'b'] }));
    await failure('VALUE_INVALID', () => Dataset.from(new Date(0)));
  });

  it('says so when an iterator is read twice', async () => {
    const once = Dataset.from([1, 2].values());
    expect(await plainOf(once)).to.deep.equal([1, 2]);
    expect((await failure('STATE_INVALID', () => once.toArray())).message).to.include(
      'fromGenerator',
    );
  });
});

describe('Dataset.fromGenerator', () => {
  it('calls the generator once a pass and awaits it', async () => {
    let calls = 0;
    const dataset = Dataset.fromGenerator(
      async function* () {
        yield { x: [++calls, 0], label: 'a' };
      },
      { size: 1 },
    );
    expect([await plainOf(dataset), await plainOf(dataset), dataset.size]).to.deep.equal([
      [{ x: [1, 0], label: 'a' }],
      [{ x: [2, 0], label: 'a' }],
      1,
    ]);
  });

  it('lets the generator clean up when the reader stops', async () => {
    const log: string[] = [];
    const dataset = Dataset.fromGenerator(function* () {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        log.push('closed');
      }
    });
    for await (const element of dataset.map((i) => i.item() * 2).batch(2)) {
      log.push(`${element.array()}`);
      break;
    }
    expect(log).to.deep.equal(['0,2', 'closed']);
  });
});

describe('Dataset.range', () => {
  it('counts up, down and not at all', async () => {
    const ranges = [
      Dataset.range(3),
      Dataset.range(1, 6, 2),
      Dataset.range(2, 0, -1),
      Dataset.range(-1),
    ];
    expect(await Promise.all(ranges.map(plainOf))).to.deep.equal([
      [0, 1, 2],
      [1, 3, 5],
      [2, 1],
      [],
    ]);
  });

  it('refuses fractions, step 0 and what int32 does not hold', async () => {
    await failure('ATTRIBUTE_INVALID', () => Dataset.range(1.5));
    await failure('ATTRIBUTE_INVALID', () => Dataset.range(0, 3, 0));
    await failure('ATTRIBUTE_INVALID', () => Dataset.range(2 ** 31));
  });
});
