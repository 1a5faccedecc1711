import { clusterError } from '../cluster-error.js';

const mostNodes = 65_536;

/** Slurm's counts of tasks, `2(x3),1` for 2, 2, 2, 1. Errors: CLUSTER_INVALID, from `source`. */
export function expandTasksPerNode(text: string, source: string): number[] {
  const counts: number[] = [];
  for (const item of text.split(',')) {
    const [, tasks, times = '1'] = /^(\d{1,6})(?:\(x(\d{1,6})\))?$/.exec(item.trim()) ?? [];
    if (tasks === undefined || Number(times) === 0) {
      throw clusterError(source, `"${item}" is not a count of tasks.`, {
        fix: 'write it as Slurm does: 2(x3),1.',
      });
    }
    if (counts.length + Number(times) > mostNodes) {
      throw clusterError(source, `it counts more than ${mostNodes} nodes.`);
    }
    for (let node = 0; node < Number(times); node++) counts.push(Number(tasks));
  }
  return counts;
}
