import { HostTensor } from '@tenon/core';
import type { Dataset } from '@tenon/data';

/** Elements as plain numbers, arrays and records. */
export function plain(element: unknown): unknown {
  if (element instanceof HostTensor) return element.array();
  if (Array.isArray(element)) return element.map(plain);
  if (typeof element !== 'object' || element === null) return element;
  return Object.fromEntries(Object.entries(element).map(([key, value]) => [key, plain(value)]));
}

export const plainOf = async (dataset: Dataset<unknown>): Promise<unknown> =>
  plain(await dataset.toArray());
