import { GraphError, HostTensor } from '@tenon/core';
import type { Source } from '../source.js';
import { fromArrays } from './arrays.js';

/**
 * The integers `start, start + step, ...` before `stop`, as int32 scalars.
 * Errors: ATTRIBUTE_INVALID (not integers of 32 bits, step 0).
 */
export function range(start: number, stop: number, step: number): Source<HostTensor> {
  for (const [name, value] of Object.entries({ start, stop, step })) {
    if ((value | 0) !== value || (name === 'step' && value === 0)) {
      throw new GraphError('ATTRIBUTE_INVALID', 'Dataset.range', {
        what: `${name} is ${value}.`,
        fix: `give an integer of 32 bits${name === 'step' ? ' other than 0' : ''}.`,
      });
    }
  }
  const count = Math.max(0, Math.ceil((stop - start) / step));
  const values = Int32Array.from({ length: count }, (_, i) => start + i * step);
  return fromArrays(new HostTensor(values, [count]), 'Dataset.range');
}
