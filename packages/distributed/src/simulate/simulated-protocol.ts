import { Asynchronous } from '../coordinator/protocols/asynchronous.js';
import { CommitSets } from '../coordinator/protocols/commit-sets.js';
import { Hybrid } from '../coordinator/protocols/hybrid.js';
import type { UpdateProtocol } from '../coordinator/protocols/update-protocol.js';
import type { SimulationOptions } from './simulation-options.js';

/** The protocol that a simulation asks for. */
export function simulatedProtocol(options: SimulationOptions, leaseTime: number): UpdateProtocol {
  const { mode, take, groups = 1, maxStaleness = 0, clockBound } = options;
  const bounds = { maxStaleness, ...(clockBound === undefined ? {} : { clockBound }) };
  const make = {
    sync: () => new CommitSets({ take, leaseTime }),
    async: () => new Asynchronous({ leaseTime, ...bounds }),
    hybrid: () => new Hybrid({ take, leaseTime, groups, ...bounds }),
  } satisfies Record<SimulationOptions['mode'], () => UpdateProtocol>;
  return make[mode]();
}
