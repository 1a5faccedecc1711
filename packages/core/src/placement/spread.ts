/** Something of a size that may lie on some of the devices. */
export interface Spreadable {
  readonly bytes: number;
  /** Where it may lie; everywhere if left out. */
  readonly devices?: readonly string[];
}

/**
 * A device for each item, so that all get about the same number of bytes: the largest item first, each to the device that has the
 * least so far, the earlier of equal ones. `heldBytes`: what devices have already.
 * The fullest device gets at most 4/3 - 1/(3 devices) times what the best distribution would give it.
 * Source: Graham (1969), "Bounds on multiprocessing timing anomalies" (longest processing time first).
 *
 * @example
 * spreadByBytes([{ bytes: 10 }, { bytes: 30 }, { bytes: 25 }], ['ps:0', 'ps:1']); // ['ps:1', 'ps:0', 'ps:1']
 */
export function spreadByBytes(
  items: readonly Spreadable[],
  devices: readonly string[],
  heldBytes: ReadonlyMap<string, number> = new Map(),
): string[] {
  const held = new Map(heldBytes);
  const chosen: string[] = [];
  const largestFirst = items
    .map((item, place) => ({ ...item, place }))
    .sort((a, b) => b.bytes - a.bytes || a.place - b.place);
  for (const { bytes, place, devices: own = devices } of largestFirst) {
    const least = Math.min(...own.map((device) => held.get(device) ?? 0));
    const device = own.find((candidate) => (held.get(candidate) ?? 0) === least) as string;
    held.set(device, least + bytes);
    chosen[place] = device;
  }
  return chosen;
}
