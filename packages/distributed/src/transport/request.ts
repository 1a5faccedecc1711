import { GraphError } from '@tenon/core';
import { nameLimits } from './limits.js';
import type { ReceiveRequest } from './transport.js';

/** Refuses names that a peer would not take. Errors: ATTRIBUTE_INVALID. */
export function checkedRequest(request: ReceiveRequest): ReceiveRequest {
  for (const name of ['step', 'key', 'worker'] as const) {
    const bytes = Buffer.byteLength(request[name]);
    if (bytes > 0 && bytes <= nameLimits[name]) continue;
    throw new GraphError('ATTRIBUTE_INVALID', 'receive', {
      what: `the ${name} has ${bytes} bytes; 1 to ${nameLimits[name]} are possible.`,
    });
  }
  return request;
}
