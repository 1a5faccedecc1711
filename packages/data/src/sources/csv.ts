import { dtypeNames, dtypes, GraphError, HostTensor, nearest, parseOptions } from '@tenon/core';
import { z } from 'zod';
import { rowOf } from '../elements/rows.js';
import { readColumn } from '../files/csv-column.js';
import { type CsvTable, parseCsv } from '../files/csv-table.js';
import { readFile } from '../files/read-file.js';
import type { Source } from '../source.js';

const csvOptions = z.strictObject({
  /** The columns to read, in this order; all when absent. */
  columns: z.array(z.string()).optional(),
  /** The column to predict; elements are then `[features, label]`. */
  label: z.string().optional(),
  /** True: the first row holds the names; false: columns are called c0, c1, ...; or the names themselves. */
  header: z.union([z.boolean(), z.array(z.string())]).default(true),
  /** By column; absent ones are float32 when all their cells are numbers, else string. */
  dtypes: z.record(z.string(), z.enum([...dtypeNames, 'string'])).default({}),
  /** What an empty cell of a numeric column stands for; without it such a cell is an error. */
  missing: z.number().optional(),
  delimiter: z.string().length(1).default(','),
  /** `record`: features by column name; `vector`: all of them in one tensor, which needs one dtype. */
  features: z.enum(['record', 'vector']).default('record'),
});

export type CsvOptions = z.input<typeof csvOptions>;
type CsvConfig = z.output<typeof csvOptions>;

/** Features of a row: a record of scalars and strings by column, or one tensor [columns]. */
type CsvFeatures<O> = O extends { readonly features: 'vector' }
  ? HostTensor
  : Record<string, HostTensor | string>;

/** What a row of the file is, by the options it is read with. */
export type CsvElement<O> = O extends { readonly label: string }
  ? [CsvFeatures<O>, HostTensor | string]
  : CsvFeatures<O>;

type Column = readonly [name: string, values: HostTensor | readonly string[]];

/** The rows of CSV text, or of a file (Node only), which is read on the first pass and kept. */
export function csv<T>(file: string | URL | { text: string }, options: CsvOptions = {}): Source<T> {
  const config = checkedOptions(options);
  let columns: Promise<Column[]> | undefined;
  return {
    size: null,
    async *iterate() {
      columns ??= load(file, config).catch((error: unknown) => {
        columns = undefined; // a file that appears later can still be read
        throw error;
      });
      yield* rowsOf(await columns, config) as Generator<T>;
    },
  };
}

function checkedOptions(options: CsvOptions): CsvConfig {
  return parseOptions('Dataset.csv', csvOptions, options);
}

async function load(file: string | URL | { text: string }, config: CsvConfig): Promise<Column[]> {
  const text =
    typeof file === 'object' && 'text' in file
      ? file.text
      : new TextDecoder().decode(await readFile(file, 'Dataset.csv'));
  const table = parseCsv(text, config);
  const { columns = table.names, label, missing } = config;
  const names = label === undefined ? columns : [...new Set([...columns, label])];
  for (const name of [...names, ...Object.keys(config.dtypes)]) checkName(name, table);
  return names.map((name): Column => {
    const index = table.names.indexOf(name);
    const cells = table.rows.map((row) => row[index] as string);
    const dtype = Object.hasOwn(config.dtypes, name) ? config.dtypes[name] : undefined;
    return [name, readColumn(cells, { name, dtype, missing })];
  });
}

function checkName(name: string, { names }: CsvTable): void {
  if (names.includes(name)) return;
  const meant = nearest(name, names);
  throw new GraphError('NAME_UNKNOWN', 'Dataset.csv', {
    what: `there is no column '${name}'.`,
    fix: meant ? `did you mean '${meant}'?` : `the columns are ${names.join(', ')}.`,
  });
}

function* rowsOf(columns: readonly Column[], { label, features }: CsvConfig) {
  const inputs = columns.filter(([name]) => name !== label);
  const target = columns.find(([name]) => name === label);
  const count = columns[0]?.[1] instanceof HostTensor ? columns[0][1].size : columns[0]?.[1].length;
  if (features === 'vector') checkVector(inputs);
  for (let row = 0; row < (count ?? 0); row++) {
    const x = features === 'vector' ? vector(inputs, row) : record(inputs, row);
    yield target ? [x, cell(target, row)] : x;
  }
}

const cell = ([, values]: Column, row: number): HostTensor | string =>
  values instanceof HostTensor ? rowOf(values, row) : (values[row] as string);

const record = (columns: readonly Column[], row: number) =>
  Object.fromEntries(columns.map((column) => [column[0], cell(column, row)]));

function vector(columns: readonly Column[], row: number): HostTensor {
  const tensors = columns.map(([, values]) => values as HostTensor);
  const [first] = tensors as [HostTensor];
  const values = new dtypes[first.dtype].host(tensors.length);
  tensors.forEach((tensor, i) => {
    values[i] = tensor.data[row] as number;
  });
  return new HostTensor(values, [tensors.length], first.dtype);
}

function checkVector(columns: readonly Column[]): void {
  const found = columns.map(([name, values]) => ({
    name,
    dtype: values instanceof HostTensor ? values.dtype : 'string',
  }));
  const odd = found.find(({ dtype }) => dtype === 'string' || dtype !== found[0]?.dtype);
  if (found.length > 0 && !odd) return;
  throw new GraphError('DTYPE_MISMATCH', 'Dataset.csv', {
    what: odd
      ? `column '${odd.name}' is ${odd.dtype}; a vector needs numeric columns of one dtype.`
      : 'there is no column to make a vector of.',
    fix: "choose others with `columns`, set `dtypes`, or use features: 'record'.",
  });
}
