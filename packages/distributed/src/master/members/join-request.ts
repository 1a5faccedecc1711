import { GraphError } from '@tenon/core';
import { z } from 'zod';
import { parseAddress } from '../../cluster/address.js';
import { isJobName } from '../../cluster/cluster-spec.js';
import { isWorkerJob } from '../../cluster/master-target.js';

/** Workers that may have joined, or been promised a number, at one time. */
export const mostJoined = 4096;
/** The greatest number that a task can have. */
export const mostTask = 99_999;
/** A name of DNS has at most 253 characters; brackets and port come to it. */
const mostAddress = 262;

const schema = z.object({
  job: z
    .string()
    .refine((job) => isJobName(job) && isWorkerJob(job), 'no job whose tasks run parts of graphs'),
  address: z
    .string()
    .max(mostAddress)
    .refine((text) => text === '' || parseAddress(text) !== undefined, 'not host:port'),
  task: z.int().min(0).max(mostTask).optional(),
});

/** What a worker says that wants to join. */
export type JoinRequest = z.output<typeof schema>;

/** Checks what has come. Errors: CLUSTER_INVALID. */
export function readJoinRequest(value: unknown): JoinRequest {
  const { success, data, error } = schema.safeParse(value);
  if (success && (data.task === undefined || data.address !== '')) return data;
  const what = success
    ? 'a worker that has a number must say its address.'
    : `${z.prettifyError(error)}.`;
  throw new GraphError('CLUSTER_INVALID', 'join', {
    what,
    fix: 'give a job such as worker, and the host:port where others reach the process.',
  });
}
