import { GraphError } from '@tenon/core';

/** What a peer may send. What exceeds it ends the connection or the request, before memory is set aside for it. */
export interface Limits {
  /** Bytes of one tensor. */
  readonly tensorBytes: number;
  /** Pulls of one peer that wait at the same time. */
  readonly pulls: number;
  /** Connections to one server. */
  readonly connections: number;
  /** Milliseconds within which a peer must have said who it is. */
  readonly handshake: number;
  /** Milliseconds between signs of life while something is waited for. */
  readonly heartbeat: number;
  /** Milliseconds of silence after which a connection counts as dead although it is open. */
  readonly silence: number;
  /** Milliseconds for which a peer that cannot be reached is tried again. */
  readonly retry: number;
}

export const defaultLimits: Limits = {
  tensorBytes: 2 ** 32,
  pulls: 16_384,
  connections: 1024,
  handshake: 10_000,
  heartbeat: 10_000,
  silence: 30_000,
  retry: 5_000,
};

/** Characters of names on the wire. */
export const nameLimits = { step: 256, key: 2048, worker: 256, token: 1024 } as const;

/** The error of a tensor that its sender may not send. */
export const tooLarge = (key: string, bytes: number, most: number): GraphError =>
  new GraphError('FORMAT_INVALID', 'transport', {
    what: `${key} has ${bytes} bytes, which is above the limit of ${most}.`,
    fix: 'raise limits.tensorBytes on both sides, or split the tensor.',
  });
