import { spreadByBytes } from './spread.js';

/** A variable by its size: rows of the first axis; a scalar has one. */
export interface StoredVariable {
  readonly rows: number;
  readonly rowBytes: number;
}

/** Rows of a variable on one device: `begin` to one before `end`. */
export interface RowRange {
  readonly device: string;
  readonly begin: number;
  readonly end: number;
}

export interface StoragePlanOptions {
  /** Variables of more than this share of all bytes are split. Default: the share of one device, `1 / devices`. */
  readonly largestShare?: number;
  /** Bytes that devices hold already. */
  readonly heldBytes?: ReadonlyMap<string, number>;
}

/**
 * For each variable which rows go where: variables above a share of all bytes are split over all devices, the others stay whole and
 * are spread by bytes.
 *
 * @example
 * storagePlan([{ rows: 5, rowBytes: 400 }, { rows: 1, rowBytes: 40 }], ['ps:0', 'ps:1']);
 * // [[rows 0 to 2 on ps:0, 3 and 4 on ps:1], [row 0 on ps:1]]
 */
export function storagePlan(
  variables: readonly StoredVariable[],
  devices: readonly string[],
  { largestShare = 1 / devices.length, heldBytes = new Map() }: StoragePlanOptions = {},
): RowRange[][] {
  const total = variables.reduce((sum, { rows, rowBytes }) => sum + rows * rowBytes, 0);
  const held = new Map(heldBytes);
  const isSplit = ({ rows, rowBytes }: StoredVariable) =>
    rows > 1 && devices.length > 1 && rows * rowBytes > largestShare * total;
  const split = variables.map((variable) =>
    isSplit(variable) ? splitRows(variable.rows, devices) : undefined,
  );
  split.forEach((ranges, i) => {
    const { rowBytes } = variables[i] as StoredVariable;
    for (const { device, begin, end } of ranges ?? [])
      held.set(device, (held.get(device) ?? 0) + (end - begin) * rowBytes);
  });
  const whole = variables.flatMap((_, i) => (split[i] ? [] : [i]));
  const sizes = whole.map((i) => {
    const { rows, rowBytes } = variables[i] as StoredVariable;
    return { bytes: rows * rowBytes };
  });
  const homes = spreadByBytes(sizes, devices, held);
  return variables.map(
    ({ rows }, i) =>
      split[i] ?? [{ device: homes[whole.indexOf(i)] as string, begin: 0, end: rows }],
  );
}

/**
 * Rows in ranges of equal length, the first `rows mod devices` one longer; devices that would get none are left out.
 *
 * @example
 * splitRows(5, ['ps:0', 'ps:1']); // rows 0 to 2 on ps:0, 3 and 4 on ps:1
 */
export function splitRows(rows: number, devices: readonly string[]): RowRange[] {
  const [least, more] = [Math.floor(rows / devices.length), rows % devices.length];
  let begin = 0;
  return devices.flatMap((device, i) => {
    const range = { device, begin, end: begin + least + (i < more ? 1 : 0) };
    begin = range.end;
    return range.begin < range.end ? [range] : [];
  });
}
