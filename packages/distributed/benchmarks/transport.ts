/**
 * Pulls of 100 MB and of one number between two processes on loopback: a bare `node:net` stream, TCP frames, gRPC, in turns.
 * Run: npx tsx --conditions=@tenon/source packages/distributed/benchmarks/transport.ts [turns]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { HostTensor, hostTensor } from '@tenon/core';
import { formatKey, type Pull } from '../src/rendezvous/index.js';
import { GrpcTensorServer } from '../src/transport/grpc/grpc-tensor-server.js';
import { GrpcTransport } from '../src/transport/grpc/grpc-transport.js';
import { TcpTransport } from '../src/transport/tcp/tcp-transport.js';
import { TensorServer } from '../src/transport/tcp/tensor-server.js';
import type { Transport } from '../src/transport/transport.js';

const elements = 25_000_000;
const bytes = 4 * elements;
const self = { worker: '/job:ps/replica:0/task:0', incarnation: '1' };

interface Ports {
  readonly bare: number;
  readonly tcp: number;
  readonly grpc: number;
}

/** The sending process: the same tensor for every pull. */
async function send(): Promise<void> {
  const large = new HostTensor(new Float32Array(elements).fill(1), [elements]);
  const small = hostTensor(1, { shape: [] });
  const source = {
    take: async ({ step }: Pull) => ({ value: step === 'large' ? large : small }),
  };
  const tcp = await TensorServer.listen({ self, source });
  const grpc = await GrpcTensorServer.listen({ self, source });
  const bare = createServer((socket) => {
    socket.on('data', (asked) =>
      socket.write(new Uint8Array(large.data.buffer, 0, asked[0] === 1 ? bytes : 4)),
    );
    socket.on('error', () => socket.destroy());
  });
  bare.listen(0, '127.0.0.1');
  await once(bare, 'listening');
  const { port } = bare.address() as { port: number };
  process.send?.({ bare: port, tcp: tcp.address.port, grpc: grpc.address.port } satisfies Ports);
  process.on('disconnect', () => process.exit());
}

interface Way {
  pull(size: 'large' | 'small', into: Float32Array): Promise<void>;
  close(): Promise<void>;
}

/** What loopback gives to a program that only copies what it reads to its place. */
async function bareWay(port: number): Promise<Way> {
  let take: (piece: Uint8Array) => void = () => {};
  const socket = connect({
    port,
    host: '127.0.0.1',
    onread: {
      buffer: new Uint8Array(2 ** 18),
      callback(length, buffer) {
        take(buffer.subarray(0, length));
        return true;
      },
    },
  });
  await once(socket, 'connect');
  return {
    pull: (size, into) =>
      new Promise((resolve) => {
        const target = new Uint8Array(into.buffer, 0, size === 'large' ? bytes : 4);
        let offset = 0;
        take = (piece) => {
          target.set(piece, offset);
          offset += piece.length;
          if (offset === target.length) resolve();
        };
        socket.write(Uint8Array.of(size === 'large' ? 1 : 0));
      }),
    close: async () => {
      socket.destroy();
    },
  };
}

function way(transport: Transport): Way {
  const key = formatKey({
    sourceDevice: `${self.worker}/device:js:0`,
    sourceIncarnation: self.incarnation,
    destinationDevice: '/job:worker/replica:0/task:0/device:js:0',
    edge: 'edge',
    frame: 0,
    iteration: 0,
  });
  return {
    async pull(size, into) {
      const deadline = Date.now() + 60_000;
      const target = size === 'large' ? into : into.subarray(0, 1);
      await transport.receive({ worker: self.worker, step: size, key, deadline, into: target });
    },
    close: () => transport.close(),
  };
}

const median = (values: number[]): number =>
  values.sort((a, b) => a - b)[values.length >> 1] as number;

async function time(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

async function receive(sender: ChildProcess, turns: number): Promise<void> {
  const [ports] = (await once(sender, 'message')) as [Ports];
  const peer = (port: number) => () => ({ host: '127.0.0.1', port, incarnation: '1' });
  const ways: Record<string, Way> = {
    'node:net': await bareWay(ports.bare),
    'TCP frames': way(new TcpTransport({ from: 'receiver', peer: peer(ports.tcp) })),
    gRPC: way(new GrpcTransport({ peer: peer(ports.grpc) })),
  };
  const into = new Float32Array(elements);
  const times: Record<string, { large: number[]; small: number[] }> = {};
  for (let turn = -1; turn < turns; turn++) {
    for (const [name, { pull }] of Object.entries(ways)) {
      times[name] ??= { large: [], small: [] };
      const large = await time(() => pull('large', into));
      const small: number[] = [];
      for (let i = 0; i < 200; i++) small.push(await time(() => pull('small', into)));
      // The first turn warms up.
      if (turn < 0) continue;
      times[name].large.push(large);
      times[name].small.push(median(small));
    }
  }
  for (const [name, { large, small }] of Object.entries(times)) {
    const [fastest, middle] = [Math.min(...large), median(large)];
    const rate = (ms: number) => (bytes / 1e6 / ms).toFixed(2);
    const roundTrip = median(small).toFixed(3);
    console.log(
      `${name.padEnd(12)} 100 MB: median ${rate(middle)} GB/s, best ${rate(fastest)} GB/s; 4 bytes: ${roundTrip} ms`,
    );
  }
  for (const { close } of Object.values(ways)) await close();
  sender.disconnect();
}

if (process.send) await send();
else await receive(fork(process.argv[1] as string), Number(process.argv[2] ?? 9));
