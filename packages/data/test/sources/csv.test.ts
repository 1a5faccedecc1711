import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ErrorCode } from '@tenon/core';
import { type CsvOptions, Dataset } from '@tenon/data';
import { expect } from 'chai';
import fc from 'fast-check';
import { failure } from '../graph-error.js';
import { plainOf } from '../plain.js';

const flowers = '\ufeffwidth,height,kind\r\n1,.5,"a, b"\r\n\r\n2e1,-3,"say ""hi"""\r\n';

describe('Dataset.csv', () => {
  const table: { name: string; text: string; options: CsvOptions; out: unknown }[] = [
    {
      name: 'records, with quotes, empty lines and a byte order mark',
      text: flowers,
      options: {},
      out: [
        { width: 1, height: 0.5, kind: 'a, b' },
        { width: 20, height: -3, kind: 'say "hi"' },
      ],
    },
    {
      name: 'chosen columns',
      text: flowers,
      options: { columns: ['height'] },
      out: [{ height: 0.5 }, { height: -3 }],
    },
    {
      name: 'a label',
      text: flowers,
      options: { label: 'kind', columns: ['width'] },
      out: [
        [{ width: 1 }, 'a, b'],
        [{ width: 20 }, 'say "hi"'],
      ],
    },
    {
      name: 'a vector of features and a label',
      text: 'a,y,b\n1,0,2\n3,1,4',
      options: { label: 'y', features: 'vector' },
      out: [
        [[1, 2], 0],
        [[3, 4], 1],
      ],
    },
    {
      name: 'no header, another delimiter',
      text: '1;2\n3;4',
      options: { header: false, delimiter: ';' },
      out: [
        { c0: 1, c1: 2 },
        { c0: 3, c1: 4 },
      ],
    },
    {
      name: 'names given',
      text: '1,2',
      options: { header: ['p', 'q'] },
      out: [{ p: 1, q: 2 }],
    },
    {
      name: 'dtypes and missing cells',
      text: 'i,b,l,s,f\n7,TRUE,9007199254740993,5,\n,0,-1,6,NaN',
      options: { dtypes: { i: 'uint8', b: 'bool', l: 'int64', s: 'string' }, missing: 0 },
      out: [
        { i: 7, b: true, l: 9007199254740993n, s: '5', f: 0 },
        { i: 0, b: false, l: -1n, s: '6', f: Number.NaN },
      ],
    },
    { name: 'a header only', text: 'a,b\n', options: {}, out: [] },
    { name: 'nothing', text: '', options: {}, out: [] },
  ];
  for (const { name, text, options, out } of table) {
    it(`reads ${name}`, async () => {
      expect(await plainOf(Dataset.csv({ text }, options))).to.deep.equal(out);
    });
  }

  const bad: { name: string; code: ErrorCode; text: string; options?: CsvOptions }[] = [
    { name: 'rows of unequal length', code: 'FORMAT_INVALID', text: 'a,b\n1,2\n3' },
    { name: 'an open quote', code: 'FORMAT_INVALID', text: 'a\n"1' },
    { name: 'two columns of one name', code: 'FORMAT_INVALID', text: 'a,a\n1,2' },
    { name: 'an empty cell', code: 'VALUE_INVALID', text: 'a,b\n1,2\n,3' },
    {
      name: 'a word in a number column',
      code: 'VALUE_INVALID',
      text: 'a\nx',
      options: { dtypes: { a: 'float32' } },
    },
    {
      name: 'an integer out of range',
      code: 'VALUE_INVALID',
      text: 'a\n256',
      options: { dtypes: { a: 'uint8' } },
    },
    {
      name: 'an int64 out of range',
      code: 'VALUE_INVALID',
      text: 'a\n9223372036854775808',
      options: { dtypes: { a: 'int64' } },
    },
    {
      name: 'a fraction as an integer',
      code: 'VALUE_INVALID',
      text: 'a\n1.5',
      options: { dtypes: { a: 'int32' } },
    },
    {
      name: 'an unknown column',
      code: 'NAME_UNKNOWN',
      text: 'width\n1',
      options: { columns: ['widht'] },
    },
    { name: 'an unknown label', code: 'NAME_UNKNOWN', text: 'a\n1', options: { label: 'z' } },
    {
      name: 'a vector with strings',
      code: 'DTYPE_MISMATCH',
      text: 'a,b\n1,x',
      options: { features: 'vector' },
    },
    {
      name: 'a delimiter of two characters',
      code: 'ATTRIBUTE_INVALID',
      text: 'a',
      options: { delimiter: ';;' },
    },
  ];
  for (const { name, code, text, options } of bad) {
    it(`refuses ${name}`, async () => {
      await failure(code, () => Dataset.csv({ text }, options).toArray());
    });
  }

  it('offers the nearest column', async () => {
    const dataset = Dataset.csv({ text: 'width\n1' }, { columns: ['widht'] });
    expect((await failure('NAME_UNKNOWN', () => dataset.toArray())).message).to.include("'width'");
  });

  it('reads a file by path and URL, also one that comes after a first attempt', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenon-csv-'));
    try {
      const path = join(folder, 'a.csv');
      const dataset = Dataset.csv(path);
      await failure('FILE_NOT_FOUND', () => dataset.toArray());
      await writeFile(path, 'a\n1\n');
      const out = [{ a: 1 }];
      const found = [await plainOf(dataset), await plainOf(Dataset.csv(pathToFileURL(path)))];
      expect(found).to.deep.equal([out, out]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('keeps every name and string, also those of Object.prototype', () => {
    const word = fc.oneof(
      fc.constantFrom('__proto__', 'constructor', 'toString', '"', 'a,b', 'x\ny'),
      fc.string({ minLength: 1 }),
    );
    const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
    return fc.assert(
      fc.asyncProperty(fc.uniqueArray(word, { minLength: 1, maxLength: 4 }), async (names) => {
        // A file that begins with a byte order mark loses it.
        fc.pre(!names[0]?.startsWith('\ufeff'));
        const values = names.map((name) => `value ${name}`);
        const text = `${names.map(quoted)}\n${values.map(quoted)}\n`;
        const [row = {}] = await Dataset.csv({ text }).toArray();
        const found = names.map((name) => Object.getOwnPropertyDescriptor(row, name)?.value);
        expect([found, Object.keys(row).length]).to.deep.equal([values, names.length]);
      }),
    );
  });
});
