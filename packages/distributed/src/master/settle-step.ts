import { GraphError } from '@tenon/core';
import { ClusterError, failureOf } from '../protocol/cluster-error.js';
import type { StepStatus } from '../protocol/gen/distributed_pb.js';
import type { LivingMember } from './members/member.js';

export interface UnsettledStep {
  readonly session: string;
  readonly step: number;
  /** Milliseconds that a worker may take to answer. */
  readonly timeoutMs: number;
  /** Whether to wait for a worker that can not be reached now. */
  readonly wait: boolean;
}

/**
 * Brings a step whose end its master did not see to one: committed by all workers that have computed it if by one, else by none.
 * Gives whether it was committed. Errors: UNAVAILABLE where a worker can not be
 * asked, ABORTED where it has lost the session, or has ended what another has committed.
 */
export async function settleStep(
  members: readonly LivingMember[],
  { session, step, timeoutMs, wait }: UnsettledStep,
): Promise<boolean> {
  if (step === 0) return false;
  const ask = () =>
    Promise.all(members.map((member) => stepOf(member, session, { timeoutMs, wait })));
  const before = await ask();
  if (!before.some(({ committed }) => committed === step)) {
    const reason = failureOf(lostSight(step), 'the master');
    await Promise.all(
      members.map(({ connection }) =>
        connection.calls.cleanupGraph({ session, step, reason }, { timeoutMs }),
      ),
    );
  }
  const after = await ask();
  if (!after.some(({ committed }) => committed === step)) return false;
  await Promise.all(
    members.map(async ({ name, incarnation, connection }, i) => {
      const { computed } = after[i] as StepStatus;
      // Who has not begun the step has no part in it.
      if (before[i]?.last !== step) return;
      if (computed !== step) throw torn(name, step);
      await connection.calls.commitGraph({ session, incarnation, step }, { timeoutMs });
    }),
  );
  return true;
}

/** How far the steps of a session are on a worker. Errors: ABORTED where it was restarted, UNAVAILABLE where it can not be reached in time. */
export async function stepOf(
  { name, incarnation, connection }: LivingMember,
  session: string,
  { step = 0, timeoutMs, wait = false }: { step?: number; timeoutMs: number; wait?: boolean },
): Promise<StepStatus> {
  try {
    return await connection.calls.getStep(
      { session, incarnation, step },
      { timeoutMs, waitForReady: wait },
    );
  } catch (cause) {
    if (!(cause instanceof GraphError) || cause.code !== 'DEADLINE_EXCEEDED') throw cause;
    throw new ClusterError('UNAVAILABLE', name, {
      what: `it could not be asked within ${timeoutMs} ms how a step ended.`,
      fix: 'see that the process runs.',
      cause,
      worker: name,
    });
  }
}

const lostSight = (step: number): GraphError =>
  new GraphError('RUN_ABORTED', `step ${step}`, { what: 'its master has lost sight of it.' });

const torn = (name: string, step: number): GraphError =>
  new ClusterError('ABORTED', name, {
    what: `it has ended step ${step}, which others have committed.`,
    fix: 'make a new session and restore the last checkpoint.',
    worker: name,
  });
