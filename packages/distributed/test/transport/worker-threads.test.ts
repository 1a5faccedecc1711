import { MessageChannel, Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { ThreadTransport } from '../../src/transport/threads/thread-transport.js';
import { rejection } from '../rendezvous/rejection.js';
import { ramp, requestOf } from './setup.js';

// Threads do not inherit the loader of TypeScript.
const start = `
  import('tsx/esm/api').then(({ register }) => {
    register();
    return import(require('node:worker_threads').workerData.file);
  });
`;

describe('a thread that sends', () => {
  it('is received from until it ends, and who waits then is told', async () => {
    const { port1, port2 } = new MessageChannel();
    const file = new URL('./sending-thread.ts', import.meta.url).href;
    const thread = new Worker(start, {
      eval: true,
      workerData: { file, port: port1 },
      transferList: [port1],
    });
    const transport = new ThreadTransport(port2);
    const into = new Float32Array(new SharedArrayBuffer(400_000));
    await transport.receive(requestOf('a', { into }));
    expect(into).to.deep.equal(new Float32Array(ramp(100_000).data as Float32Array));
    expect((await transport.receive(requestOf('b'))).item()).to.equal(7);
    const waits = rejection(transport.receive(requestOf('never')));
    await thread.terminate();
    const { code, message } = await waits;
    expect([code, message]).to.deep.equal(['UNAVAILABLE', message]);
    expect(message).to.contain('has ended its thread');
    await transport.close();
  });
});
