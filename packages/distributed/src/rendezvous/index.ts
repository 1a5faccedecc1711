export { type Clock, systemClock } from './clock.js';
export { formatKey, parseKey, type RendezvousKey } from './rendezvous-key.js';
export {
  type Pull,
  RendezvousTables,
  type RendezvousTablesOptions,
} from './rendezvous-tables.js';
export { type Sent, StepRendezvous, type StepRendezvousOptions } from './step-rendezvous.js';
export type { Wait } from './wait.js';
