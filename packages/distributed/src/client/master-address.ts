import { GraphError } from '@tenon/core';

/** `host:port` of a target `grpc://host:port`. Errors: ATTRIBUTE_INVALID. */
export function addressOf(target: string): string {
  const [, address] = /^grpc:\/\/([^/\s]+:\d+)$/.exec(target) ?? [];
  if (address) return address;
  throw new GraphError('ATTRIBUTE_INVALID', 'ClusterSession', {
    what: `target is "${target}".`,
    fix: 'write grpc://host:port, or set TENON_MASTER or the cluster, such as TENON_CLUSTER.',
  });
}
