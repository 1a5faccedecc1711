import type { Message } from '@bufbuild/protobuf';
import { refuse } from './format.js';

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && '$typeName' in value;

/** Refuses a message that holds fields which its schema does not have. Errors: FORMAT_INVALID. */
export function refuseUnknownFields(root: Message): void {
  const pending: Message[] = [root];
  for (let message = pending.pop(); message; message = pending.pop()) {
    const [unknown] = message.$unknown ?? [];
    if (unknown) refuse('graph', `${message.$typeName} has no field ${unknown.no}.`);
    for (const value of Object.values<unknown>(message)) {
      for (const inner of Array.isArray(value) ? value : [value]) {
        if (isMessage(inner)) pending.push(inner);
        // The message of a oneof lies one level deeper, beside the name of its case.
        else if (isMessage((inner as { value?: unknown } | undefined)?.value)) {
          pending.push((inner as { value: Message }).value);
        }
      }
    }
  }
}
