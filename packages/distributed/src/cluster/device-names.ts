import { GraphError, parseDeviceName } from '@tenon/core';
import type { TaskIdentity } from './task.js';

/** A device of a task: `device` is its name there, `wasm:0`. */
export interface TaskDevice extends TaskIdentity {
  readonly device: string;
}

/** The name of a task's device in a cluster: `/job:worker/replica:0/task:1/device:wasm:0`. Errors: PLACEMENT_CONFLICT. */
export function deviceName(job: string, task: number, device: string): string {
  const name = `/job:${job}/replica:0/task:${task}/device:${device}`;
  const { device: numbered } = parseDeviceName(name);
  return `/job:${job}/replica:0/task:${task}/device:${numbered}`;
}

/** The inverse of `deviceName`. Errors: PLACEMENT_CONFLICT where a part is missing. */
export function parseTaskDevice(name: string): TaskDevice {
  const { job, task, device } = parseDeviceName(name);
  if (job !== undefined && device !== undefined && task !== undefined && /^\d+$/.test(task)) {
    return { job, task: Number(task), device };
  }
  throw new GraphError('PLACEMENT_CONFLICT', 'parseTaskDevice', {
    what: `"${name}" does not name one device of a task.`,
    fix: 'write all parts: /job:worker/replica:0/task:1/device:wasm:0.',
  });
}
