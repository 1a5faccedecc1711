import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Security } from '../transport/security.js';
import { clusterError } from './cluster-error.js';
import { type Environment, readVariable } from './environment.js';

/**
 * What the processes of a run show each other, as the environment names it: `TENON_TLS`, a directory with `ca.crt`, `tls.crt` and `tls.key` as a Kubernetes TLS
 * secret is mounted, `TENON_TLS_NAME`, and `TENON_TOKEN` or the path `TENON_TOKEN_FILE`. Errors: CLUSTER_INVALID.
 */
export function readCredentials(
  environment: Environment,
  readFile: (path: string) => Uint8Array = readFileSync,
): Security {
  const read = (path: string, variable: string) => readSecret(path, variable, readFile);
  const directory = readVariable(environment, 'TENON_TLS');
  const serverName = readVariable(environment, 'TENON_TLS_NAME');
  const tokenFile = readVariable(environment, 'TENON_TOKEN_FILE');
  const token =
    readVariable(environment, 'TENON_TOKEN') ??
    (tokenFile === undefined ? undefined : read(tokenFile, 'TENON_TOKEN_FILE').trim());
  const file = (name: string) => read(join(directory ?? '', name), 'TENON_TLS');
  return {
    ...(directory === undefined
      ? {}
      : {
          tls: {
            ca: file('ca.crt'),
            cert: file('tls.crt'),
            key: file('tls.key'),
            ...(serverName === undefined ? {} : { serverName }),
          },
        }),
    ...(token === undefined ? {} : { token }),
  };
}

function readSecret(
  path: string,
  variable: string,
  readFile: (path: string) => Uint8Array,
): string {
  let text: string;
  try {
    text = new TextDecoder().decode(readFile(path));
  } catch (cause) {
    throw clusterError(variable, `${path} cannot be read: ${(cause as Error).message}.`, {
      fix: 'mount the secret there, readable by the user that the process runs as.',
      cause,
    });
  }
  if (text.trim() !== '') return text;
  throw clusterError(variable, `${path} is empty.`, { fix: 'fill the secret.' });
}
