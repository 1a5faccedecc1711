import { type ServiceError, status } from '@grpc/grpc-js';
import { GraphError } from '@tenon/core';
import { unavailable } from '../failure.js';

/** Whether the handshake failed: a certificate that is not taken, or no TLS on one side. */
export const isHandshakeFailure = (details: string): boolean =>
  /certificate|altname|SSL|TLS/i.test(details);

/** What a status of gRPC itself means; errors of workers travel in the answers. */
export function statusError(error: ServiceError, worker: string): GraphError {
  if (isHandshakeFailure(error.details)) {
    return new GraphError('UNAUTHENTICATED', 'receive', {
      what: `TLS with worker ${worker} failed: ${error.details}.`,
      fix: 'give both sides certificates of the same authority, made out to their hosts.',
      cause: error,
    });
  }
  // A connection that breaks in the middle of a stream counts as INTERNAL for grpc-js.
  const broke = /RST_STREAM|Session closed|ECONNRESET/.test(error.details);
  if (broke || error.code === status.UNAVAILABLE || error.code === status.CANCELLED)
    return unavailable(worker, `cannot be reached: ${error.details}.`, error);
  return new GraphError('FORMAT_INVALID', 'receive', {
    what: `worker ${worker} does not answer as a worker does: ${error.message}.`,
    fix: 'see whether the address is that of a worker and both run the same version.',
    cause: error,
  });
}
