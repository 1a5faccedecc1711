import type { Optimizer } from '@tenon/core';

/** An optimizer of the same rule with slots and steps of its own. */
export function sameRule(optimizer: Optimizer): Optimizer {
  const { config } = optimizer;
  return new (optimizer.constructor as new (given: typeof config) => Optimizer)(config);
}

/** The slots of an optimizer's variable by its place, in the order of their names. */
export const slotsOf = (optimizer: Optimizer, place: number) =>
  optimizer.variables().flatMap(({ name, variable }) => {
    const [slot, of] = name.split('/');
    return of === `${place}` ? [{ slot: slot as string, variable }] : [];
  });
