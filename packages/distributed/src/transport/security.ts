import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { createSecureContext, type TlsOptions } from 'node:tls';
import { GraphError } from '@tenon/core';
import { z } from 'zod';
import { nameLimits } from './limits.js';

/** PEM texts of one process: both sides show a certificate of the same authority. */
export interface MutualTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** The name in the peers' certificates, where it is not the host they are reached by. */
  readonly serverName?: string | undefined;
}

/** What peers must show. */
export interface Security {
  readonly tls?: MutualTls | undefined;
  /** Bearer token, one for each run. */
  readonly token?: string | undefined;
}

const pem = z.string().includes('-----BEGIN ');

export const securitySchema = z.strictObject({
  tls: z
    .strictObject({ ca: pem, cert: pem, key: pem, serverName: z.string().min(1).optional() })
    .optional(),
  token: z
    .string()
    .min(16)
    .max(nameLimits.token)
    .regex(/^[\x21-\x7e]+$/)
    .optional(),
});

/** A token for one run: 256 random bits. */
export const newToken = (): string => randomBytes(32).toString('base64url');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether an address is reached from this machine only. Names other than `localhost` are not: what they mean is up to a resolver. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host === 'localhost';
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** Refuses tokens that can be guessed, and certificates that can not be used. Errors: ATTRIBUTE_INVALID. */
export function checkSecurity(security: Security, where: string): void {
  const parsed = securitySchema.safeParse(security);
  if (!parsed.success) {
    throw new GraphError('ATTRIBUTE_INVALID', where, {
      what: `the security is malformed: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}.`,
      fix: 'give PEM texts as ca, cert and key, or a token of at least 16 printable characters, such as newToken() draws.',
    });
  }
  if (security.tls) checkCertificates(security.tls, where);
}

/** Refuses to listen where others reach without asking who they are. Errors: UNAUTHENTICATED, ATTRIBUTE_INVALID. */
export function checkBinding(host: string, security: Security, where: string): void {
  checkSecurity(security, where);
  if (isLoopback(host) || security.tls || security.token !== undefined) return;
  throw new GraphError('UNAUTHENTICATED', where, {
    what: `it refuses to listen on ${host}, which other machines reach, without asking who they are.`,
    fix: 'listen on 127.0.0.1, or give mutual TLS (ca, cert, key) or a token.',
  });
}

/** Refuses what OpenSSL cannot use: a key that is not the certificate's, text that is no certificate, weak algorithms. */
function checkCertificates(tls: MutualTls, where: string): void {
  try {
    createSecureContext(tlsOptions(tls));
  } catch (cause) {
    throw new GraphError('ATTRIBUTE_INVALID', where, {
      what: `the certificates cannot be used: ${(cause as Error).message}.`,
      fix: 'give PEM texts of the authority, of a certificate that it signed, and of the key that belongs to it.',
      cause,
    });
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Whether a peer showed the token that is asked for. Takes the same time wherever the two differ. */
export function tokenMatches(expected: string | undefined, shown: string | undefined): boolean {
  if (expected === undefined) return true;
  return timingSafeEqual(digest(expected), digest(shown ?? ''));
}

/** The error that a peer without a valid token gets. */
export const unauthenticated = (): GraphError =>
  new GraphError('UNAUTHENTICATED', 'transport', {
    what: 'the token is missing or is not that of this run.',
    fix: 'give every process of the run the same token.',
  });

/** Options of a TLS server or client: certificates of the one authority, TLS 1.3. */
export const tlsOptions = ({ ca, cert, key }: MutualTls): TlsOptions => ({
  ca,
  cert,
  key,
  minVersion: 'TLSv1.3',
  requestCert: true,
  rejectUnauthorized: true,
});
