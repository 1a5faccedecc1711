import { GraphError, Rendezvous } from '@tenon/core';

/**
 * Where tensors of each step of a session wait to be fetched. Steps follow each other: a table is made by whoever comes first, the
 * part that sends or the one that fetches, and goes when a later step begins or the step is ended.
 */
export class StepTables {
  private readonly tables = new Map<number, Rendezvous>();
  private endedThrough = 0;

  /** The table of a step. Errors: RUN_ABORTED where the step has ended. */
  of(step: number): Rendezvous {
    if (step <= this.endedThrough) {
      throw new GraphError('RUN_ABORTED', `step ${step}`, { what: 'the step has ended.' });
    }
    let table = this.tables.get(step);
    if (!table) {
      table = new Rendezvous();
      this.tables.set(step, table);
    }
    return table;
  }

  /** Ends all steps up to one; who still waits for their tensors fails. */
  end(through: number, reason: unknown): void {
    this.endedThrough = Math.max(this.endedThrough, through);
    for (const [step, table] of this.tables) {
      if (step > through) continue;
      table.abort(reason);
      this.tables.delete(step);
    }
  }

  get size(): number {
    return this.tables.size;
  }

  /** Tensors that were sent and not fetched, or are waited for. */
  get entries(): number {
    return [...this.tables.values()].reduce((count, { open }) => count + open.length, 0);
  }
}
