import type { Form } from './form.js';
import type { Merging } from './merge.js';
import type { Unit } from './units.js';

/** Makes one kernel of two that pass the same elements of a value. */
export function siblings(
  _merging: Merging,
  _become: (part: Unit, unit: Unit, form: Form) => void,
): void {}
