import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { GraphError } from '@tenon/core';
import { parseIdx, readIdx } from '@tenon/data';
import { expect } from 'chai';
import fc from 'fast-check';
import { failure } from '../graph-error.js';

/** An IDX file: type code, sizes of the axes, big-endian bytes of the values. */
function idx(code: number, sizes: number[], values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * sizes.length + values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, code, sizes.length]);
  sizes.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  bytes.set(values, 4 + 4 * sizes.length);
  return bytes;
}

describe('readIdx', () => {
  const table: { code: number; bytes: number[]; dtype: string; values: number[] }[] = [
    { code: 0x08, bytes: [1, 255], dtype: 'uint8', values: [1, 255] },
    { code: 0x09, bytes: [1, 255], dtype: 'int8', values: [1, -1] },
    { code: 0x0b, bytes: [1, 2, 0xff, 0xfe], dtype: 'int32', values: [258, -2] },
    { code: 0x0c, bytes: [0, 1, 0, 0, 255, 255, 255, 255], dtype: 'int32', values: [65536, -1] },
    { code: 0x0d, bytes: [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0], dtype: 'float32', values: [1.5, -2] },
    {
      code: 0x0e,
      bytes: [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0],
      dtype: 'float64',
      values: [1.5, -2],
    },
  ];
  for (const { code, bytes, dtype, values } of table) {
    it(`reads type code ${code} as ${dtype}, plain and gzip`, async () => {
      const file = idx(code, [2, 1], bytes);
      const read = [
        await readIdx(file),
        await readIdx(gzipSync(file)),
        await readIdx(file.slice().buffer),
      ];
      const expected = { dtype, shape: [2, 1], values };
      expect(
        read.map((tensor) => ({
          dtype: tensor.dtype,
          shape: tensor.shape,
          values: [...tensor.data].map(Number),
        })),
      ).to.deep.equal([expected, expected, expected]);
    });
  }

  it('reads bytes in the middle of a buffer, scalars and empty shapes', () => {
    const around = new Uint8Array(20).fill(9);
    around.set(idx(8, [3], [1, 2, 3]), 5);
    expect([
      parseIdx(around.subarray(5, 16)).array(),
      parseIdx(idx(8, [], [4])).array(),
      parseIdx(idx(13, [0, 2], [])).shape,
    ]).to.deep.equal([[1, 2, 3], 4, [0, 2]]);
  });

  it('reads a file, and says when there is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenon-idx-'));
    try {
      await writeFile(join(folder, 'three'), idx(8, [3], [1, 2, 3]));
      expect((await readIdx(join(folder, 'three'))).array()).to.deep.equal([1, 2, 3]);
      await failure('FILE_NOT_FOUND', () => readIdx(join(folder, 'four')));
      await failure('FILE_NOT_FOUND', () => readIdx(folder));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const bad: Record<string, Uint8Array> = {
    'an empty file': new Uint8Array(),
    'another format': new Uint8Array([1, 0, 8, 1, 0, 0, 0, 0]),
    'an unknown type code': idx(10, [1], [1]),
    'too many axes': idx(8, new Array(17).fill(1), [1]),
    'an end within the sizes': idx(8, [1, 1], []).slice(0, 9),
    'missing values': idx(8, [2, 2], [1, 2, 3]),
    'trailing bytes': idx(8, [2], [1, 2, 3]),
    'sizes far beyond the file': idx(14, [0xffffffff, 0xffffffff, 0xffffffff], [1]),
    'huge sizes beside an empty axis': idx(8, [0, 0xffffffff, 0xffffffff], []),
    'truncated gzip': gzipSync(idx(8, [3], [1, 2, 3])).subarray(0, 20),
    'damaged gzip': new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
  };
  for (const [name, bytes] of Object.entries(bad)) {
    it(`refuses ${name}`, async () => {
      await failure('FORMAT_INVALID', () => readIdx(bytes));
    });
  }

  it('stops unpacking at maxBytes', async () => {
    const bomb = gzipSync(idx(8, [4_000_000], new Array(4_000_000).fill(0)));
    expect(bomb.length).to.be.lessThan(10_000);
    const error = await failure('FORMAT_INVALID', () => readIdx(bomb, { maxBytes: 100_000 }));
    expect(error.message).to.include('100000');
  });

  it('answers damaged bytes with a tensor or FORMAT_INVALID, nothing else', () => {
    const valid = idx(
      0x0c,
      [2, 3],
      Array.from({ length: 24 }, (_, i) => i),
    );
    const files = [valid, new Uint8Array(gzipSync(valid))];
    const damage = fc.record({
      file: fc.constantFrom(...files),
      cut: fc.nat(60),
      edits: fc.array(fc.tuple(fc.nat(59), fc.nat(255)), { maxLength: 4 }),
    });
    return fc.assert(
      fc.asyncProperty(damage, async ({ file, cut, edits }) => {
        const bytes = file.slice(0, cut);
        for (const [place, value] of edits) if (place < bytes.length) bytes[place] = value;
        try {
          const tensor = await readIdx(bytes, { maxBytes: 10_000 });
          expect(tensor.size).to.be.at.most(10_000);
        } catch (error) {
          expect(error).to.be.instanceOf(GraphError).with.property('code', 'FORMAT_INVALID');
        }
      }),
      { numRuns: 500 },
    );
  });
});
