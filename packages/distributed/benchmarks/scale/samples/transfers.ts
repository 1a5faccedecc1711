import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { formatKey } from '../../../src/rendezvous/index.js';
import { TcpTransport } from '../../../src/transport/tcp/tcp-transport.js';
import { fastest, repeated } from './repeated.js';

/** Sizes that the sending process has tensors of. */
export const sizes = [4, 16_384, 262_144, 1_048_576, 8_388_608, 33_554_432];
export const self = { worker: '/job:ps/replica:0/task:0', incarnation: '1' };

const together = 64;

/** Pulls from another process over one TCP connection on loopback. */
export async function measureTransfers(): Promise<{
  smallPull: { alone: number; together: number };
  transfers: { bytes: number; seconds: number }[];
}> {
  const child = fork(fileURLToPath(new URL('sender.ts', import.meta.url)));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const peer = () => ({ host: '127.0.0.1', port, incarnation: self.incarnation });
  const transport = new TcpTransport({ from: 'receiver', peer });
  const pull = (bytes: number, into: Float32Array) => {
    const deadline = Date.now() + 60_000;
    return transport.receive({ worker: self.worker, step: String(bytes), key, deadline, into });
  };
  try {
    const one = () => pull(4, new Float32Array(1));
    const all = () => Promise.all(Array.from({ length: together }, one));
    const transfers: { bytes: number; seconds: number }[] = [];
    for (const bytes of sizes.slice(1)) {
      const into = new Float32Array(bytes / 4);
      const times = await repeated(bytes > 4e6 ? 20 : 100, () => pull(bytes, into));
      transfers.push({ bytes, seconds: fastest(times) });
    }
    const smallPull = {
      alone: fastest(await repeated(1000, one)),
      together: fastest(await repeated(200, all)) / together,
    };
    return { smallPull, transfers };
  } finally {
    await transport.close();
    await ended(child);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}

const key = formatKey({
  sourceDevice: `${self.worker}/device:js:0`,
  sourceIncarnation: self.incarnation,
  destinationDevice: '/job:worker/replica:0/task:0/device:js:0',
  edge: 'edge',
  frame: 0,
  iteration: 0,
});
