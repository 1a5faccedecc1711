import { GraphError } from '@tenon/core';
import type { RendezvousTables, StepRendezvous } from '../rendezvous/index.js';

/** A step as pulls name it. */
export const stepId = (session: string, step: number): string => `${session}:${step}`;

/** Session and number of a step. Errors: FORMAT_INVALID. */
export function parseStepId(id: string): { readonly session: string; readonly step: number } {
  const [, session, step] = /^(.+):(\d{1,10})$/.exec(id) ?? [];
  if (session !== undefined) return { session, step: Number(step) };
  throw new GraphError('FORMAT_INVALID', 'pull', { what: `"${id}" is not session:step.` });
}

/**
 * The steps of one session in the tables of its worker. They follow each other: a table is made by whoever comes first, the part that
 * sends or a pull, and goes when a later step begins or the step is ended.
 */
export class SessionSteps {
  private readonly tables: RendezvousTables;
  private readonly session: string;
  private readonly open = new Set<number>();
  private endedThrough = 0;

  constructor(tables: RendezvousTables, session: string) {
    this.tables = tables;
    this.session = session;
  }

  /** The table of a step. Errors: RUN_ABORTED where the step has ended. */
  of(step: number): StepRendezvous {
    if (step <= this.endedThrough) {
      throw new GraphError('RUN_ABORTED', `step ${step}`, { what: 'the step has ended.' });
    }
    this.open.add(step);
    return this.tables.step(stepId(this.session, step));
  }

  /** Ends all steps up to one; who still waits for their tensors fails. */
  end(through: number, reason: unknown): void {
    this.endedThrough = Math.max(this.endedThrough, through);
    for (const step of this.open) {
      if (step > through) continue;
      this.open.delete(step);
      this.tables.abort(stepId(this.session, step), reason);
    }
  }
}
