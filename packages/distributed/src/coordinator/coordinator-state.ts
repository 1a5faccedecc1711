import { GraphError } from '@tenon/core';
import { z } from 'zod';
import type { BatchLedgerState } from './batch-ledger.js';
import type { ProtocolState } from './protocols/update-protocol.js';
import { count, updateSchema } from './schemas.js';
import type { ShardStanding } from './shard/shard-standings.js';
import type { UpdateLogState } from './update-log.js';

const data = z.record(z.string(), z.unknown());
const schema = z.object({
  format: z.literal(1),
  generation: count,
  shards: z.array(z.object({ incarnation: z.number(), restored: z.boolean() })),
  checkpoint: z.object({ version: count, data, rounds: z.array(z.tuple([count, count])) }),
  log: z.object({ applied: count, updates: z.array(updateSchema) }),
  protocol: z.record(z.string(), z.unknown()),
  data,
});

/** Where training continues after a parameter shard was lost. */
export interface CheckpointPoint {
  readonly version: number;
  readonly data: BatchLedgerState;
  readonly rounds: readonly (readonly [group: number, round: number])[];
}

/** All that a coordinator has to keep, as plain JSON. */
export interface CoordinatorState {
  readonly format: 1;
  readonly generation: number;
  readonly shards: readonly ShardStanding[];
  readonly checkpoint: CheckpointPoint;
  readonly log: UpdateLogState;
  readonly protocol: ProtocolState;
  readonly data: BatchLedgerState;
}

/** Reads a saved state. Errors: FORMAT_INVALID. */
export function parseCoordinatorState(json: string): CoordinatorState {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
  const { success, data: state, error } = schema.safeParse(value);
  if (!success) throw invalid(z.prettifyError(error));
  return state as CoordinatorState;
}

function invalid(why: string, cause?: unknown): GraphError {
  return new GraphError('FORMAT_INVALID', 'parseCoordinatorState', {
    what: `the saved state cannot be read: ${why}.`,
    fix: 'start from an earlier state, or anew from the last checkpoint.',
    cause,
  });
}
