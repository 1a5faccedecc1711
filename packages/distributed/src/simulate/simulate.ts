import { GraphError } from '@tenon/core';
import { InvariantError } from './invariants.js';
import { Simulation } from './simulation.js';
import type { SimulationOptions, SimulationReport } from './simulation-options.js';

/**
 * Runs coordinator, shards and workers under a virtual clock with the faults of a seed, checks the invariants after
 * every event, and replays the commit sets at the end. Errors: InvariantError, with the seed.
 */
export function simulate(options: SimulationOptions): SimulationReport {
  try {
    return new Simulation(options).run();
  } catch (cause) {
    const known = cause instanceof InvariantError || cause instanceof GraphError;
    const what = known ? cause.message : String((cause as Error).stack);
    throw new InvariantError(`seed ${options.seed} (${options.mode}): ${what}`, { cause });
  }
}
