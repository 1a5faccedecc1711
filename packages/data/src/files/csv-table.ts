import { GraphError } from '@tenon/core';
import Papa from 'papaparse';

export interface CsvTable {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface CsvTableOptions {
  readonly delimiter: string;
  /** True: the first row holds the names; false: columns are called c0, c1, ...; or the names themselves. */
  readonly header: boolean | readonly string[];
}

/**
 * Splits text into rows of cells; empty lines, and lines whose only cell is empty, are left out. Errors: FORMAT_INVALID (quotes, rows of unequal length, names).
 * Source: RFC 4180.
 */
export function parseCsv(text: string, { delimiter, header }: CsvTableOptions): CsvTable {
  const { data, errors } = Papa.parse<string[]>(text, { delimiter, skipEmptyLines: true });
  const [error] = errors;
  if (error) refuse(`row ${(error.row ?? 0) + 1}: ${error.message}.`);
  const rows = header === true ? data.slice(1) : data;
  const width = rows[0]?.length ?? 0;
  const names = namesOf(header, data[0], width);
  if (new Set(names).size !== names.length)
    refuse(`two columns have one name: ${names.join(', ')}.`);
  rows.forEach((row, i) => {
    if (row.length === names.length) return;
    refuse(`data row ${i + 1} has ${row.length} cells, there are ${names.length} columns.`);
  });
  return { names, rows };
}

function namesOf(
  header: boolean | readonly string[],
  first: readonly string[] | undefined,
  width: number,
): readonly string[] {
  if (header === true) return first ?? [];
  return header || Array.from({ length: width }, (_, i) => `c${i}`);
}

function refuse(what: string): never {
  throw new GraphError('FORMAT_INVALID', 'Dataset.csv', {
    what,
    fix: 'check the delimiter, the header option and the quotes.',
  });
}
