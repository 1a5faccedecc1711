import {
  type ChannelCredentials,
  type ChannelOptions,
  credentials,
  Metadata,
  ServerCredentials,
} from '@grpc/grpc-js';
import type { Security } from '../security.js';

/** What a server shows and asks for in the handshake; tokens come with each call. */
export function serverCredentials({ tls }: Security): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  const pair = { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) };
  return ServerCredentials.createSsl(Buffer.from(tls.ca), [pair], true);
}

/** What a client shows and asks for in the handshake. */
export function channelCredentials({ tls }: Security): ChannelCredentials {
  if (!tls) return credentials.createInsecure();
  return credentials.createSsl(Buffer.from(tls.ca), Buffer.from(tls.key), Buffer.from(tls.cert));
}

/** The name that a client expects in the server's certificate, where it is not the host. */
export const channelName = ({ tls }: Security): ChannelOptions =>
  tls?.serverName ? { 'grpc.ssl_target_name_override': tls.serverName } : {};

/** What comes with each call. */
export function tokenMetadata({ token }: Security): Metadata {
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

/** The token that a call came with. */
export function bearerToken(metadata: Metadata): string | undefined {
  const shown = String(metadata.get('authorization')[0] ?? '');
  return shown.startsWith('Bearer ') ? shown.slice('Bearer '.length) : undefined;
}
