import { parseOptions } from '@tenon/core';
import { z } from 'zod';
import { checkClusterSpec } from '../cluster/cluster-spec.js';
import { membersOf } from '../master/members/members-of-cluster.js';
import { serveMaster } from '../master/server.js';

/** What the process is started with. */
const settings = z.strictObject({
  cluster: z.unknown(),
  port: z.int().min(0),
  /** Directory of the master's state. */
  state: z.string(),
});

// Without the process that has started it, there is nothing left to do.
process.once('disconnect', () => process.exit(0));

const given = JSON.parse(process.argv[2] as string) as unknown;
const { cluster, port, state } = parseOptions('master process', settings, given);
const members = membersOf(checkClusterSpec(cluster, 'master process'));
const { address } = await serveMaster({ members, port, state });
process.send?.({ address });
