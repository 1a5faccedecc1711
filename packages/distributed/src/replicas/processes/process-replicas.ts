import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { failureOf } from '../../transport/failure.js';
import { newToken } from '../../transport/index.js';
import { Replica } from '../replica.js';
import type { ReplicaKind } from '../replica-kind.js';

// From source and from the build the entry lies beside this file.
const entry = new URL(
  `./replica-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** Each replica is a process of this machine, which ends with this one; frames travel over TCP. */
export const processReplicas = (devices?: URL): ReplicaKind => ({
  start: (name) =>
    new Replica(name, ({ answer, ended }) => {
      const settings = devices ? { devices: devices.href } : {};
      const child = fork(fileURLToPath(entry), [JSON.stringify(settings)], {
        serialization: 'advanced',
      });
      const exited = new Promise<void>((resolve) => {
        child.once('exit', (code, signal) => {
          ended(`has ended its process (${signal ?? code}).`);
          resolve();
        });
      });
      child.on('message', (message) => answer(message as Parameters<typeof answer>[0]));
      // What could not be sent is answered by the end of the process.
      child.on('error', () => {});
      return {
        post: (message) => void child.send(message),
        async kill() {
          child.kill('SIGKILL');
          await exited;
        },
      };
    }),
  async connect(replicas, format) {
    const size = replicas.length;
    const ring = randomUUID();
    const token = newToken();
    const peers = await Promise.all(
      replicas.map((replica, rank) =>
        replica.ask('listen', {
          place: { ...format, rank, size },
          name: replica.name,
          ring,
          token,
        }),
      ),
    );
    await Promise.all(
      replicas.map((replica, rank) => {
        const at = (rank + size - 1) % size;
        const before = peers[at] as (typeof peers)[number];
        return replica.ask('connect', { before, name: (replicas[at] as Replica).name });
      }),
    );
    return {
      abort(error, who) {
        const failure = failureOf(error, who);
        for (const replica of replicas) replica.abort({ kind: 'abort', failure });
      },
    };
  },
});
