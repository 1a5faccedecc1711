import { type DType, dtypes, GraphError, type HostTensor, hostTensor } from '@tenon/core';

export interface ColumnOptions {
  readonly name: string;
  /** Absent: float32 when every cell that is not empty is a number, else string. */
  readonly dtype?: DType | 'string' | undefined;
  /** What an empty cell of a numeric column stands for. */
  readonly missing?: number | undefined;
}

/** The cells of one column: as a tensor, or as strings. Errors: VALUE_INVALID. */
export function readColumn(
  cells: readonly string[],
  { name, dtype, missing }: ColumnOptions,
): HostTensor | readonly string[] {
  const target = dtype ?? (cells.every(isNumberOrEmpty) ? 'float32' : 'string');
  if (target === 'string') return cells;
  const read = target === 'int64' ? readBigint : (cell: string) => readNumber(cell, target);
  const values = cells.map((cell, row) => {
    const value = cell.trim() === '' ? missing : read(cell.trim());
    if (value !== undefined) return value;
    throw new GraphError('VALUE_INVALID', 'Dataset.csv', {
      what: `cell '${cell}' of column '${name}', data row ${row + 1}, is not of dtype ${target}.`,
      fix: "correct the cell, give `missing` for empty ones, or dtypes: { column: 'string' }.",
    });
  });
  return hostTensor(values, { dtype: target, shape: [cells.length], where: 'Dataset.csv' });
}

const isNumberOrEmpty = (cell: string): boolean =>
  cell.trim() === '' || numeral.test(cell.trim()) || cell.trim() in special;

const numeral = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

const special: Readonly<Record<string, number>> = {
  __proto__: null as never,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

const truths: Readonly<Record<string, number>> = {
  __proto__: null as never,
  true: 1,
  false: 0,
  '1': 1,
  '0': 0,
};

function readNumber(cell: string, dtype: DType): number | undefined {
  const { kind, host } = dtypes[dtype];
  if (kind === 'bool') return truths[cell.toLowerCase()];
  if (kind === 'float') return numeral.test(cell) ? Number(cell) : special[cell];
  const value = numeral.test(cell) ? Number(cell) : Number.NaN;
  // A typed array keeps an integer of its range and changes every other number.
  const stored = new host(1);
  stored[0] = value;
  return stored[0] === value ? value : undefined;
}

function readBigint(cell: string): bigint | undefined {
  if (!/^[+-]?\d{1,19}$/.test(cell)) return undefined;
  const value = BigInt(cell.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
