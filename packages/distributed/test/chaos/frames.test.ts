import { expect } from 'chai';
import { decodeHead, headBytes } from '../../src/transport/tcp/frame.js';
import { TcpTransport } from '../../src/transport/tcp/tcp-transport.js';
import { TensorServer } from '../../src/transport/tcp/tensor-server.js';
import { failure } from '../failure.js';
import { incarnation, keyOf, newTables, ramp, requestOf, self, until } from '../transport/setup.js';
import { TcpProxy } from './proxy.js';

/** Frames of one answer, as they came, and which request it is of. */
interface Answer {
  readonly request: number;
  readonly frames: Buffer[];
}

/** Cuts what a sender says into its frames; answers are handed on as a test wants. */
function byAnswers(handOn: (answer: Answer, write: (bytes: Buffer) => void) => void) {
  let rest: Buffer = Buffer.alloc(0);
  let open: Answer | undefined;
  return (bytes: Buffer, write: (bytes: Buffer) => void) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= headBytes) {
      const { kind, request, length } = decodeHead(rest, 'sender');
      if (rest.length < headBytes + length) return;
      const frame = rest.subarray(0, headBytes + length);
      rest = rest.subarray(headBytes + length);
      // Tensors of these tests are one data frame after their head.
      if (kind === 'tensor') open = { request, frames: [frame] };
      else if (kind !== 'data' || !open) write(frame);
      else handOn({ request: open.request, frames: [...open.frames, frame] }, write);
    }
  };
}

describe('answers of the data plane', () => {
  const count = 20;
  const edges = Array.from({ length: count }, (_, i) => `edge ${i}`);

  async function opened(handOn: Parameters<typeof byAnswers>[0]) {
    const tables = newTables();
    const server = await TensorServer.listen({ self, source: tables });
    const { host, port } = server.address;
    const proxy = await TcpProxy.before(`${host}:${port}`);
    proxy.down = () => byAnswers(handOn);
    const transport = new TcpTransport({
      from: 'receiver',
      peer: () => ({ host: '127.0.0.1', port: Number(proxy.address.split(':')[1]), incarnation }),
      limits: { retry: 0 },
    });
    for (const [i, edge] of edges.entries()) tables.step('1').send(keyOf(edge), ramp(10 + i), {});
    return {
      proxy,
      pull: async (edge: string) => (await transport.receive(requestOf(edge))).array(),
      async close() {
        await transport.close();
        await proxy.close();
        await server.close();
      },
    };
  }
  const expected = edges.map((_, i) => ramp(10 + i).array());

  it('that overtake each other reach who asked for them', async () => {
    const held: Answer[] = [];
    const own = await opened((answer, write) => {
      held.push(answer);
      if (held.length < count) return;
      for (const { frames } of held.reverse()) write(Buffer.concat(frames));
    });
    expect(await Promise.all(edges.map(own.pull))).to.deep.equal(expected);
    await own.close();
  });

  it('that come again when they were taken are dropped', async () => {
    const seen: Answer[] = [];
    const own = await opened(({ request, frames }, write) => {
      for (const earlier of seen) write(Buffer.concat(earlier.frames));
      write(Buffer.concat(frames));
      seen.push({ request, frames });
    });
    for (const [i, edge] of edges.entries())
      expect(await own.pull(edge)).to.deep.equal(expected[i]);
    expect([own.proxy.connections, seen.length]).to.deep.equal([1, count]);
    await own.close();
  });

  it('that come twice before they are whole end the connection, and the next pull has a new one', async () => {
    let doubled = false;
    const own = await opened(({ frames }, write) => {
      const [head] = frames as [Buffer];
      if (!doubled) write(head);
      doubled = true;
      write(Buffer.concat(frames));
    });
    const error = await failure(own.pull('edge 0'));
    expect([error.code, error.message]).to.satisfy(
      ([code, message]: [string, string]) =>
        code === 'FORMAT_INVALID' && message.includes('a tensor came twice'),
    );
    await until(() => own.proxy.connections === 1);
    expect(await own.pull('edge 1')).to.deep.equal(expected[1]);
    expect(own.proxy.connections).to.equal(2);
    await own.close();
  });
});
