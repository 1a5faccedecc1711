import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isLoopback } from '../transport/security.js';

/**
 * The host that a process listens on, so that it is reached at a host of the cluster: loopback where that is meant; else every address of
 * the machine, as a name may stand for an address that only others see, or for loopback on the machine itself.
 */
export function bindingHost(host: string): string {
  if (isLoopback(host)) return host;
  return hasIPv6() ? '::' : '0.0.0.0';
}

/** Whether the machine has an IPv6 address; `::` then stands for those of IPv4 too. */
const hasIPv6 = (): boolean =>
  Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => isIPv6(address)),
  );
