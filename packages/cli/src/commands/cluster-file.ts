import { readFile } from 'node:fs/promises';
import { GraphError, parseOptions } from '@tenon/core';
import type { ClusterSpec } from '@tenon/distributed';
import { z } from 'zod';

const address = z.string().regex(/^[^\s:]+:\d{1,5}$/, 'write host:port');
const addresses = z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.array(address).min(1));

/** The addresses of each job's tasks. Errors: FILE_NOT_FOUND, FORMAT_INVALID, ATTRIBUTE_INVALID. */
export async function readClusterFile(path: string): Promise<ClusterSpec> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new GraphError('FILE_NOT_FOUND', path, { what: 'the cluster can not be read.', cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new GraphError('FORMAT_INVALID', path, { what: 'the cluster is not JSON.', cause });
  }
  return parseOptions(path, addresses, json);
}

/** Where a task listens. Errors: NAME_UNKNOWN. */
export function addressOf(
  cluster: ClusterSpec,
  job: string,
  task: number,
): { readonly host: string; readonly port: number } {
  const found = Object.hasOwn(cluster, job) ? cluster[job]?.[task] : undefined;
  if (found === undefined) {
    const known = Object.entries(cluster).map(([name, { length }]) => `${name} (${length} tasks)`);
    throw new GraphError('NAME_UNKNOWN', 'cluster', {
      what: `there is no task ${task} of job ${job}.`,
      fix: `jobs: ${known.join(', ')}.`,
    });
  }
  const [host = '', port = ''] = found.split(':');
  return { host, port: Number(port) };
}
