import type { Worker } from '../src/index.js';

/** What workers hold: sessions, graphs, variables, steps and tensors that wait, added up. */
export async function statusOf(workers: readonly Worker[]) {
  const total = { sessions: 0, graphs: 0, variables: 0, steps: 0, entries: 0 };
  for (const { handlers } of workers) {
    const status = (await handlers.getStatus({ sessions: [] } as never)) as typeof total;
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += status[key] ?? 0;
  }
  return total;
}
