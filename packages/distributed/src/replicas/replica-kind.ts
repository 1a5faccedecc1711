import type { PlaceMessage } from './messages.js';
import type { Replica } from './replica.js';

/** Replicas of one kind: how they start, and how they become a ring. */
export interface ReplicaKind {
  start(name: string): Replica;
  /** Makes a ring of replicas, in their order. Errors: UNAVAILABLE. */
  connect(replicas: readonly Replica[], format: RingFormat): Promise<Ring>;
}

export type RingFormat = Omit<PlaceMessage, 'rank' | 'size'>;

export interface Ring {
  /** Ends it for all: who waits for a sum, or asks for one later, gets the error. */
  abort(error: unknown, who: string): void;
}
