import { type Client, connectivityState as states } from '@grpc/grpc-js';
import { unavailable } from '../failure.js';
import type { Limits } from '../limits.js';

/**
 * Waits until a channel leads to its peer, or has failed for as long as it is tried again: then the next call says why. Nothing was
 * sent before, so trying again is safe. Errors: UNAVAILABLE (the peer takes the connection and says nothing).
 */
export async function connected(client: Client, worker: string, limits: Limits): Promise<void> {
  const channel = client.getChannel();
  const retried = Date.now() + limits.retry;
  for (;;) {
    const state = channel.getConnectivityState(true);
    if (state === states.READY || state === states.SHUTDOWN) return;
    const failing = state === states.TRANSIENT_FAILURE;
    if (failing && Date.now() >= retried) return;
    const end = failing ? retried : Date.now() + limits.handshake;
    const changed = await new Promise<boolean>((resolve) =>
      channel.watchConnectivityState(state, end, (error) => resolve(!error)),
    );
    if (!changed && !failing)
      throw unavailable(worker, `did not answer within ${limits.handshake} ms.`);
  }
}
