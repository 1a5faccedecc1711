import { isIPv6 } from 'node:net';

/** Where a task listens: a host name or IP address, and a TCP port from 1 to 65535. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const pattern = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[A-Za-z0-9_](?:[\w.-]*\w)?)):(?<port>\d{1,5})$/;

/** Reads `host:port` or `[::1]:port`; undefined where the text is neither. */
export function parseAddress(text: string): Address | undefined {
  const { v6, name, port: digits } = pattern.exec(text)?.groups ?? {};
  const port = Number(digits);
  const host = v6 ?? name;
  if (host === undefined || !(port >= 1 && port <= 65_535)) return undefined;
  if (v6 !== undefined && !isIPv6(v6)) return undefined;
  return { host, port };
}

/** The inverse of `parseAddress`. */
export const formatAddress = ({ host, port }: Address): string =>
  isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
