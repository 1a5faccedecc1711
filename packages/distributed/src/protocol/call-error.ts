import { type ServiceError, status } from '@grpc/grpc-js';
import type { ErrorCode } from '@tenon/core';
import { isHandshakeFailure } from '../transport/grpc/status-error.js';
import { ClusterError } from './cluster-error.js';
import { UnreachableError } from './unreachable.js';

/** A call that gRPC could not bring to an end. */
export interface FailedCall {
  readonly method: string;
  readonly address: string;
  /** Who should have answered. */
  readonly name: string;
}

const codes: Partial<Record<status, ErrorCode>> = {
  [status.UNAVAILABLE]: 'UNAVAILABLE',
  [status.CANCELLED]: 'RUN_ABORTED',
  [status.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [status.RESOURCE_EXHAUSTED]: 'FORMAT_INVALID',
  [status.UNAUTHENTICATED]: 'UNAUTHENTICATED',
  [status.UNIMPLEMENTED]: 'FORMAT_INVALID',
};

const fixes: Partial<Record<ErrorCode, string>> = {
  UNAVAILABLE:
    'see that the process runs, has the same TLS as this one, and that its address in the cluster is right; then try again.',
  UNAUTHENTICATED:
    'give all processes of the run the same token (TENON_TOKEN) and certificates of one authority (TENON_TLS).',
};

/** The error of a call that gRPC itself ended; those of the other side travel in its answers. */
export function callError(
  error: ServiceError,
  { method, address, name }: FailedCall,
): ClusterError {
  const code = codeOf(error);
  const Kind = error.code === status.UNAVAILABLE ? UnreachableError : ClusterError;
  return new Kind(code, method, {
    what: `the call to ${address} failed: ${error.details || error.message}.`,
    fix: fixes[code],
    cause: error,
    worker: name,
  });
}

function codeOf({ code, details }: ServiceError): ErrorCode {
  if (code === status.UNAVAILABLE && isHandshakeFailure(details)) return 'UNAUTHENTICATED';
  // What can not be read as the message that the method takes.
  if (code === status.INTERNAL && /deserializing|parsing/i.test(details)) return 'FORMAT_INVALID';
  return codes[code] ?? 'RUN_FAILED';
}
