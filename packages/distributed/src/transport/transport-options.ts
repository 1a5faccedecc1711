import { type Clock, systemClock } from '../rendezvous/index.js';
import { defaultLimits, type Limits } from './limits.js';
import type { Security } from './security.js';

/** What both ends of every transport between processes take. */
export interface TransportOptions {
  readonly security?: Security;
  readonly clock?: Clock;
  readonly limits?: Partial<Limits>;
}

/** The options with what was left out. */
export type Complete<T extends TransportOptions> = Omit<T, keyof TransportOptions> & {
  readonly security: Security;
  readonly clock: Clock;
  readonly limits: Limits;
};

export const complete = <T extends TransportOptions>(options: T): Complete<T> => ({
  security: {},
  clock: systemClock,
  ...options,
  limits: { ...defaultLimits, ...options.limits },
});
