import { GraphError } from '../errors.js';

const parts = ['job', 'replica', 'task', 'device'] as const;

/** A device name or hint taken apart; a hint may leave parts open. */
export type DeviceName = Readonly<Partial<Record<(typeof parts)[number], string>>>;

/**
 * Reads `/job:worker/replica:0/task:1/device:js:0`, any part of it, or just `js:0`. A device without a number is its first:
 * `js` is `js:0`. Errors: PLACEMENT_CONFLICT.
 */
export function parseDeviceName(text: string): DeviceName {
  const name: Partial<Record<(typeof parts)[number], string>> = {};
  const pieces = text.startsWith('/') ? text.slice(1).split('/') : [`device:${text}`];
  for (const piece of pieces) {
    const [, part, value] =
      /^(job|replica|task|device):([A-Za-z_][\w.-]*(?::\d+)?|\d+)$/.exec(piece) ?? [];
    if (!part || !value) {
      throw new GraphError('PLACEMENT_CONFLICT', 'withDevice', {
        what: `"${text}" is not a device name.`,
        fix: 'write js:0, or /job:worker/task:1/device:js:0 with the parts that matter.',
      });
    }
    name[part as 'job'] = part === 'device' && !value.includes(':') ? `${value}:0` : value;
  }
  return name;
}

/** Whether a device meets a hint: every part that the hint names is the same. */
export const matchesHint = (device: DeviceName, hint: DeviceName): boolean =>
  parts.every((part) => hint[part] === undefined || hint[part] === device[part]);
