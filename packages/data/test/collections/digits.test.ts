import { type DigitsPart, digits } from '@tenon/data';
import { expect } from 'chai';
import { packageFile } from '../../src/files/read-file.js';
import { failure } from '../graph-error.js';

const firstLabels = ({ labels }: DigitsPart) => [...labels.data].slice(0, 10).map(Number);

describe('digits', () => {
  it('reads the first digits of both parts, pixels in 0 ... 1', async () => {
    const { train, test } = await digits({ limit: 100 });
    const shapes = [train.images, train.labels, test.images, test.labels].map(
      ({ dtype, shape }) => `${dtype} ${shape}`,
    );
    expect(shapes).to.deep.equal([
      'float32 100,28,28,1',
      'int32 100',
      'float32 100,28,28,1',
      'int32 100',
    ]);
    // The labels that the set is known to begin with.
    expect([firstLabels(train), firstLabels(test)]).to.deep.equal([
      [5, 0, 4, 1, 9, 2, 1, 3, 1, 4],
      [7, 2, 1, 0, 4, 1, 4, 9, 5, 9],
    ]);
    const pixels = [...train.images.data].map(Number);
    expect([Math.min(...pixels.slice(0, 784)), Math.max(...pixels.slice(0, 784))]).to.deep.equal([
      0, 1,
    ]);
  });

  it('refuses a limit that is no count', async () => {
    await failure('ATTRIBUTE_INVALID', () => digits({ limit: 0 }));
  });

  it('tells how to install what is missing', async () => {
    const error = await failure('FILE_NOT_FOUND', () =>
      packageFile('a-package-that-is-not-there', 'data/x', 'digits'),
    );
    expect(error.message).to.include('npm install a-package-that-is-not-there');
  });
});
