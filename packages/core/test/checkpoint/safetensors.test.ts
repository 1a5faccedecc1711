import {
  decodeSafetensors,
  dtypeNames,
  dtypes,
  encodeSafetensors,
  HostTensor,
  hostTensor,
} from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { codeOf } from '../graph-error.js';
import { randomRuns } from '../random-runs.js';

/** A file of a given header and data. */
function file(header: string | object, data: readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const entry = (more: object = {}) => ({ dtype: 'U8', shape: [2], data_offsets: [0, 2], ...more });

const hostile: Readonly<Record<string, Uint8Array>> = {
  'no bytes': new Uint8Array(),
  'a header longer than the file': Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 123),
  'a header of 2^64 - 1 bytes': new Uint8Array(16).fill(255),
  'a header that is not JSON': file('{"a":'),
  'a header that is not UTF-8': Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 255),
  'a header that is a list': file('[]'),
  'a header nested 100,000 deep': file(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`),
  'a name twice': file(
    '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
  ),
  'a name twice, written in two ways': file(
    '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
  ),
  'the name __proto__': file('{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
  'an unknown dtype': file({ a: entry({ dtype: 'U128' }) }, [1, 2]),
  'an unknown field': file({ a: entry({ stride: 1 }) }, [1, 2]),
  'a negative size': file({ a: entry({ shape: [-2] }) }, [1, 2]),
  'sizes whose product is beyond all numbers': file(
    { a: entry({ shape: [2 ** 52, 2 ** 52] }) },
    [1, 2],
  ),
  '17 axes': file({ a: entry({ shape: new Array(17).fill(1), data_offsets: [0, 1] }) }, [1]),
  'a shape that does not fill its bytes': file({ a: entry({ shape: [3] }) }, [1, 2]),
  'bytes that end before they begin': file({ a: entry({ data_offsets: [2, 0] }) }, [1, 2]),
  'bytes beyond the end': file({ a: entry({ shape: [9], data_offsets: [0, 9] }) }, [1, 2]),
  'a gap before a tensor': file({ a: entry({ data_offsets: [1, 3] }) }, [0, 1, 2]),
  'bytes after the last tensor': file({ a: entry() }, [1, 2, 3]),
  'overlapping tensors': file({ a: entry(), b: entry({ data_offsets: [1, 3] }) }, [1, 2, 3]),
  'metadata that is not text': file({ __metadata__: { a: 1 } }),
  'a bool of 2': file({ a: entry({ dtype: 'BOOL' }) }, [0, 2]),
};

describe('safetensors', () => {
  const every = new Map(
    dtypeNames.map((dtype, i) => [
      `layer/${dtype}`,
      hostTensor([0, 1, 1, 0, 1, 0].slice(0, i % 2 ? 6 : 4), {
        dtype,
        shape: i % 2 ? [3, 2] : [4],
      }),
    ]),
  );

  it('come back as they were, every dtype, with their order and metadata', () => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(every, { note: 'a: "b"' }));
    expect([...tensors]).to.deep.equal([...every]);
    expect([...metadata]).to.deep.equal([['note', 'a: "b"']]);
  });

  it('have the bytes that the format says', () => {
    const bytes = encodeSafetensors({
      a: hostTensor([1.5, -2], { dtype: 'float16' }),
      b: hostTensor(7n),
    });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header).to.deep.equal({
      a: { dtype: 'F16', shape: [2], data_offsets: [8, 12] },
      b: { dtype: 'I64', shape: [], data_offsets: [0, 8] },
    });
    expect([...bytes.subarray(8 + length)]).to.deep.equal([
      7, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x3e, 0x00, 0xc0,
    ]);
    expect(length % 8).to.equal(0);
  });

  it('read a file that another program wrote', () => {
    const { tensors } = decodeSafetensors(
      file(
        { b: { dtype: 'BF16', shape: [1, 2], data_offsets: [2, 6] }, a: entry({ dtype: 'BOOL' }) },
        [1, 0, 0x80, 0x3f, 0x00, 0xc0],
      ),
    );
    expect(
      [...tensors].map(([name, tensor]) => [name, tensor.dtype, tensor.array()]),
    ).to.deep.equal([
      ['b', 'bfloat16', [[1, -2]]],
      ['a', 'bool', [true, false]],
    ]);
  });

  it('keep every value of half precision and every bit of a float', () => {
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const all = Uint8Array.from({ length: 2 * 65536 }, (_, i) => (i % 2 ? i >> 9 : i >> 1) & 255);
      const name = dtype === 'float16' ? 'F16' : 'BF16';
      const { tensors } = decodeSafetensors(
        file({ a: { dtype: name, shape: [65536], data_offsets: [0, 131072] } }, [...all]),
      );
      const again = encodeSafetensors(tensors);
      const numbers = (tensors.get('a') as HostTensor).data as Float32Array;
      const back = new Uint16Array(again.slice(again.length - 131072).buffer);
      // Of the NaNs only that they are NaN is kept.
      const wrong = Array.from(back.keys()).filter(
        (i) => back[i] !== i && !Number.isNaN(numbers[i] as number),
      );
      expect(wrong, dtype).to.deep.equal([]);
    }
    const odd = new HostTensor(
      Float32Array.of(Number.NaN, -0, 1e-45, Number.POSITIVE_INFINITY),
      [4],
    );
    expect(decodeSafetensors(encodeSafetensors({ odd })).tensors.get('odd')).to.deep.equal(odd);
  });

  it('hold any names and shapes', () => {
    const tensor = fc
      .tuple(fc.constantFrom(...dtypeNames), fc.array(fc.nat({ max: 3 }), { maxLength: 4 }))
      .map(([dtype, shape]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return new HostTensor(new dtypes[dtype].host(size), shape, dtype);
      });
    const name = fc
      .string()
      .filter((text) => !['__proto__', 'constructor', 'prototype', '__metadata__'].includes(text));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, tensor), { maxLength: 6 }), (entries) => {
        const tensors = new Map(entries);
        const found = decodeSafetensors(encodeSafetensors(tensors)).tensors;
        expect(Object.fromEntries(found)).to.deep.equal(Object.fromEntries(tensors));
      }),
      randomRuns(200),
    );
  });

  for (const [why, bytes] of Object.entries(hostile)) {
    it(`are refused: ${why}`, () => {
      expect(codeOf(() => decodeSafetensors(bytes))).to.equal('FORMAT_INVALID');
    });
  }

  it('are refused when a name is not allowed', () => {
    for (const name of ['constructor', '__metadata__']) {
      expect(codeOf(() => encodeSafetensors({ [name]: hostTensor(1) }))).to.equal('FORMAT_INVALID');
    }
  });

  it('are refused or read when cut short or changed, never more', () => {
    const whole = encodeSafetensors(every);
    for (let length = 0; length < whole.length; length++) {
      expect(
        codeOf(() => decodeSafetensors(whole.subarray(0, length))),
        `${length} bytes`,
      ).to.equal('FORMAT_INVALID');
    }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
        (changes) => {
          const bytes = whole.slice();
          for (const [at, byte] of changes) bytes[at] = byte;
          expect(codeOf(() => decodeSafetensors(bytes))).to.be.oneOf([undefined, 'FORMAT_INVALID']);
        },
      ),
      randomRuns(2000),
    );
  });
});
