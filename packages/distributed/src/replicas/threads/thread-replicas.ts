import { newLinkMemory, newSignalMemory, RingSignal } from '../../collectives/index.js';
import { startThread } from '../../launch/start-thread.js';
import { Replica } from '../replica.js';
import type { ReplicaKind } from '../replica-kind.js';

/** Each replica is a thread of this process; their links lie in memory that neighbours share. */
export const threadReplicas = (devices?: URL): ReplicaKind => ({
  start: (name) =>
    new Replica(name, ({ answer, ended }) => {
      const worker = startThread(
        './replica-thread',
        import.meta.url,
        devices ? { devices: devices.href } : {},
      );
      let complaint: unknown;
      worker.on('message', (message) => message !== 'moved' && answer(message));
      worker.on('error', (error) => {
        complaint = error;
      });
      worker.on('exit', () =>
        ended(complaint ? `ended its thread: ${complaint}.` : 'has ended its thread.'),
      );
      return {
        post: (message, memory) => worker.postMessage(message, memory),
        kill: async () => void (await worker.terminate()),
      };
    }),
  async connect(replicas, format) {
    const size = replicas.length;
    const memory = replicas.map(() => ({
      /** To the replica after. */
      link: newLinkMemory(format),
      signal: newSignalMemory(),
    }));
    const of = (rank: number) => memory[(rank + size) % size] as (typeof memory)[number];
    await Promise.all(
      replicas.map((replica, rank) =>
        replica.ask('join', {
          ...format,
          rank,
          size,
          incoming: of(rank - 1).link,
          outgoing: of(rank).link,
          signal: of(rank).signal,
          before: of(rank - 1).signal,
          next: of(rank + 1).signal,
        }),
      ),
    );
    const signals = memory.map(({ signal }) => new RingSignal(signal));
    return {
      abort(error, who) {
        for (const signal of signals) signal.abort(error, who);
      },
    };
  },
});
