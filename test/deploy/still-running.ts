import { setTimeout as pause } from 'node:timers/promises';

/** Those of some processes that do not end within five seconds: the orphans of a launcher end a little after it. */
export async function stillRunning(pids: readonly number[]): Promise<number[]> {
  let left = pids.filter(runs);
  for (let attempt = 0; left.length > 0 && attempt < 100; attempt++) {
    await pause(50);
    left = left.filter(runs);
  }
  return left;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
