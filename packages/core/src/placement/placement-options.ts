import { z } from 'zod';
import { parseOptions } from '../options.js';
import type { Links } from './cost/placement-device.js';
import { Profile } from './cost/profile.js';
import { type PlanOptions, usualSearch } from './schedule/plan.js';

const link = z.strictObject({
  /** Seconds. */
  latency: z.number().nonnegative(),
  secondsPerByte: z.number().nonnegative(),
});

const schema = z.strictObject({
  automatic: z.boolean().default(false),
  soft: z.boolean().default(false),
  profile: z.instanceof(Profile).optional(),
  links: z.strictObject({ memory: link, network: link }).optional(),
  search: z
    .strictObject({
      seed: z.int().default(usualSearch.seed),
      moves: z.int().nonnegative().default(usualSearch.moves),
      milliseconds: z.number().nonnegative().default(usualSearch.milliseconds),
      leastGain: z.number().min(0).max(1).default(usualSearch.leastGain),
    })
    .prefault({}),
});

/** How a session places what its graphs compute. */
export interface PlacementOptions {
  /** Whether a cost model places what nothing constrains; else that runs on the first device. Default false. */
  readonly automatic?: boolean;
  /** Whether hints that can not be met are loosened instead of refused. Default false. */
  readonly soft?: boolean;
  /** Measured times, which take the place of estimates. */
  readonly profile?: Profile | undefined;
  /** How long values are under way. */
  readonly links?: Links | undefined;
  /** `seed`, `moves` and `milliseconds` of the local search; `leastGain`, the share that several devices must save to be used. */
  readonly search?: Partial<PlanOptions> | undefined;
}

export type CheckedPlacement = z.output<typeof schema>;

/** Errors: ATTRIBUTE_INVALID. */
export const checkedPlacement = (options: PlacementOptions = {}): CheckedPlacement =>
  parseOptions('placement', schema, options);
