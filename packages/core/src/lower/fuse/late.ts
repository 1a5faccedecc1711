import { isMap } from './form/form.js';
import type { Unit, Units } from './units.js';

/**
 * Loops that nothing but new values of variables come of: they may wait until the run has succeeded, and then write the
 * variables in place.
 */
export function lateUnits(
  units: Units,
  { outputs, commits }: { outputs: ReadonlySet<number>; commits: ReadonlySet<number> },
): Set<Unit> {
  const late = new Set<Unit>();
  for (const unit of [...units.all].reverse()) {
    // What reduces is not written in place, and later work on its results is alike for all variables.
    if (unit.instruction.kind !== 'loop' || !unit.form || !isMap(unit.form)) continue;
    const only = unit.makes.every((value) => {
      const readers = units.readersOf(value);
      if (outputs.has(value) || (readers.size === 0 && !commits.has(value))) return false;
      return [...readers].every((reader) => late.has(reader));
    });
    if (only) late.add(unit);
  }
  return late;
}
