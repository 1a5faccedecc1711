import type { Tensor } from '../graph/tensor.js';
import type { Variable } from '../graph/variable.js';
import { neededVariables } from './needed-variables.js';
import type { State } from './state.js';

const noFeeds: ReadonlyMap<Tensor, unknown> = new Map();

/**
 * The variables without a value yet, those whose initial values others need first; each group can be computed at once. In a group,
 * what is trained comes first, else the order is that in which variables were made: so they lie in memory.
 */
export function initialGroups(variables: readonly Variable[], state: State): Variable[][] {
  const missing = [...new Set(state.stored(variables))].filter((variable) => !state.has(variable));
  if (missing.length === 0) return [];
  const needed = neededVariables(
    missing.map(({ initial }) => initial),
    noFeeds,
  );
  const before = initialGroups(needed, state);
  const earlier = new Set(before.flat());
  const own = missing.filter((variable) => !earlier.has(variable)).sort(inMemory);
  return own.length === 0 ? before : [...before, own];
}

const inMemory = (a: Variable, b: Variable): number =>
  Number(b.trainable) - Number(a.trainable) || a.age - b.age;
