import { type DType, dtypeNames, dtypes, GraphError, HostTensor, hostTensor } from '@tenon/core';
import { expect } from 'chai';
import { rejection } from '../rendezvous/rejection.js';
import { keyOf, type Pair, type PairOptions, ramp, requestOf, scalar, until } from './setup.js';

export interface TransportKind {
  readonly name: string;
  /** Whether values leave the process as bytes, with limits. */
  readonly bytes: boolean;
  open(options?: PairOptions): Promise<Pair>;
}

const samples: Readonly<Record<DType, readonly number[]>> = {
  bool: [1, 0, 1, 1, 0, 1],
  uint8: [0, 1, 127, 128, 254, 255],
  int8: [-128, -1, 0, 1, 2, 127],
  int32: [-(2 ** 31), -1, 0, 1, 2, 2 ** 31 - 1],
  int64: [-(2 ** 53), -1, 0, 1, 2, 2 ** 53],
  bfloat16: [-1.5, 0, 2 ** -133, 3.390625, Number.POSITIVE_INFINITY, Number.NaN],
  float16: [-1.5, -0, 2 ** -24, 65504, Number.POSITIVE_INFINITY, Number.NaN],
  float32: [-1.1, -0, 1e-45, 3.4e38, Number.NEGATIVE_INFINITY, Number.NaN].map(Math.fround),
  float64: [-1.1, -0, 5e-324, 1.7e308, Number.NEGATIVE_INFINITY, Number.NaN],
};

const plain = ({ dtype, shape, data }: HostTensor) => ({ dtype, shape, data });

/** What every transport must satisfy, whatever it moves tensors over. */
export function describeTransport(kind: TransportKind): void {
  describe(`transport over ${kind.name}`, () => {
    let pair: Pair;
    const send = (edge: string, value: HostTensor) => pair.tables.send('1', keyOf(edge), value);
    beforeEach(async () => {
      pair = await kind.open();
    });
    afterEach(async () => pair.close());

    for (const dtype of dtypeNames)
      it(`carries ${dtype}, scalars, empty tensors and rank 6, also into memory given`, async () => {
        const values = [
          hostTensor(samples[dtype], { dtype, shape: [2, 3] }),
          hostTensor(samples[dtype].slice(0, 1), { dtype, shape: [] }),
          hostTensor([], { dtype, shape: [0, 4] }),
          hostTensor(samples[dtype], { dtype, shape: [1, 2, 1, 3, 1, 1] }),
        ];
        for (const [i, value] of values.entries()) {
          send(`a${i}`, value);
          send(`b${i}`, value);
          const into = new dtypes[dtype].host(value.size);
          const [own, given] = await Promise.all([
            pair.transport.receive(requestOf(`a${i}`)),
            pair.transport.receive(requestOf(`b${i}`, { into })),
          ]);
          expect(plain(own)).to.deep.equal(plain(value));
          expect(plain(given)).to.deep.equal(plain(value));
          expect(given.data).to.equal(into);
        }
      });

    it('carries 100 MB to the last element', async () => {
      const value = ramp(25_000_000);
      send('large', value);
      const into = new Float32Array(25_000_000);
      const received = await pair.transport.receive(requestOf('large', { into }));
      expect(
        Buffer.compare(Buffer.from(received.data.buffer), Buffer.from(value.data.buffer)),
      ).to.equal(0);
      send('own', value);
      const own = await pair.transport.receive(requestOf('own'));
      expect(Buffer.compare(Buffer.from(own.data.buffer), Buffer.from(value.data.buffer))).to.equal(
        0,
      );
    });

    it('carries views of larger memory', async () => {
      const memory = Float32Array.from({ length: 10 }, (_, i) => i);
      send('view', hostTensor(memory.subarray(3, 6)));
      const target = new Float32Array(10);
      await pair.transport.receive(requestOf('view', { into: target.subarray(5, 8) }));
      expect([...target]).to.deep.equal([0, 0, 0, 0, 0, 3, 4, 5, 0, 0]);
    });

    it('carries values from and into memory that threads share', async () => {
      const floats = () => new Float32Array(new SharedArrayBuffer(4_000_000));
      const value = new HostTensor(floats().fill(0.5), [1_000_000]);
      send('shared', value);
      const into = floats();
      const received = await pair.transport.receive(requestOf('shared', { into }));
      expect(received.data).to.equal(into);
      expect(into.findIndex((element) => element !== 0.5)).to.equal(-1);
    });

    it('gives 1,000 pulls at once each its own value, large ones among them', async () => {
      const pulls = Array.from({ length: 1000 }, (_, i) =>
        pair.transport.receive(requestOf(`e${i}`)),
      );
      for (let i = 999; i >= 0; i--) send(`e${i}`, i % 100 === 7 ? ramp(300_000 + i) : scalar(i));
      const sizes = (await Promise.all(pulls)).map((value, i) =>
        value.size === 1 ? value.item() === i : value.size === 300_000 + i,
      );
      expect(sizes.indexOf(false)).to.equal(-1);
      expect(pair.tables.step('1').open).to.deep.equal([]);
    });

    it('waits for a value that is sent later', async () => {
      const pull = pair.transport.receive(requestOf('late'));
      await until(() => pair.tables.step('1').open.length === 1);
      send('late', scalar(3));
      expect((await pull).item()).to.equal(3);
    });

    it('ends a wait at its deadline, naming key and worker, and leaves no waiter behind', async () => {
      const request = requestOf('never', { deadline: Date.now() + 40 });
      const { code, message } = await rejection(pair.transport.receive(request));
      expect(code).to.equal('DEADLINE_EXCEEDED');
      expect(message).to.contain(request.key).and.to.contain(request.worker);
      await until(() => pair.tables.step('1').open.length === 0);
      expect(
        (await rejection(pair.transport.receive(requestOf('x', { deadline: 0 })))).code,
      ).to.equal('DEADLINE_EXCEEDED');
    });

    it('ends a wait that is cancelled; a value that comes later stays for the next', async () => {
      const abort = new AbortController();
      const pull = rejection(pair.transport.receive(requestOf('e', { signal: abort.signal })));
      await until(() => pair.tables.step('1').open.length === 1);
      abort.abort();
      expect((await pull).code).to.equal('RUN_ABORTED');
      await until(() => pair.tables.step('1').open.length === 0);
      send('e', scalar(4));
      expect((await pair.transport.receive(requestOf('e'))).item()).to.equal(4);
    });

    it('writes no memory after a pull was cancelled in the middle of it', async () => {
      send('large', ramp(8_000_000));
      const into = new Float32Array(8_000_000);
      const abort = new AbortController();
      const pull = pair.transport.receive(requestOf('large', { into, signal: abort.signal }));
      const outcome = rejection(pull);
      let ended = false;
      outcome.then(() => {
        ended = true;
      });
      await until(() => ended || into[1] !== 0);
      abort.abort();
      expect((await outcome).code).to.be.oneOf(['RUN_ABORTED', 'none']);
      into.fill(0);
      send('next', scalar(1));
      expect((await pair.transport.receive(requestOf('next'))).item()).to.equal(1);
      expect(into.findIndex((value) => value !== 0)).to.equal(-1);
    });

    it('passes the error of an aborted step on to who waits and who comes later', async () => {
      const wait = rejection(pair.transport.receive(requestOf('e')));
      await until(() => pair.tables.step('1').open.length === 1);
      pair.tables.abort('1', new GraphError('RUN_FAILED', 'matMul', { what: 'node 7 failed.' }));
      for (const outcome of [await wait, await rejection(pair.transport.receive(requestOf('f')))]) {
        expect(outcome.code).to.equal('RUN_FAILED');
        expect(outcome.message).to.contain('node 7 failed.');
      }
    });

    it('refuses the key of another incarnation', async () => {
      const request = requestOf('e', { key: keyOf('e', '16') });
      const { code, message } = await rejection(pair.transport.receive(request));
      expect(code).to.equal('ABORTED');
      expect(message).to.contain('probably restarted');
    });

    it('refuses memory that does not fit and goes on', async () => {
      send('a', ramp(6));
      send('b', ramp(600_000));
      const short = await rejection(
        pair.transport.receive(requestOf('a', { into: new Float32Array(5) })),
      );
      const other = await rejection(
        pair.transport.receive(requestOf('b', { into: new Int32Array(600_000) })),
      );
      expect([short.code, other.code]).to.deep.equal(['SHAPE_MISMATCH', 'DTYPE_MISMATCH']);
      send('c', scalar(1));
      expect((await pair.transport.receive(requestOf('c'))).item()).to.equal(1);
    });

    it('fails who waits with UNAVAILABLE when the sender dies, also in the middle of a tensor', async () => {
      const into = new Float32Array(8_000_000);
      const waits = rejection(pair.transport.receive(requestOf('never')));
      await until(() => pair.tables.step('1').open.length === 1);
      send('large', ramp(8_000_000));
      const middle = rejection(pair.transport.receive(requestOf('large', { into })));
      await pair.kill();
      expect((await waits).code).to.equal('UNAVAILABLE');
      expect((await middle).code).to.be.oneOf(['UNAVAILABLE', 'none']);
    });

    it('fails who waits and who comes later with UNAVAILABLE when it is closed', async () => {
      const waits = rejection(pair.transport.receive(requestOf('never')));
      await until(() => pair.tables.step('1').open.length === 1);
      await pair.transport.close();
      expect((await waits).code).to.equal('UNAVAILABLE');
      expect((await rejection(pair.transport.receive(requestOf('x')))).code).to.equal(
        'UNAVAILABLE',
      );
    });

    it('leaves no entry behind after 1,000 aborted steps', async () => {
      const outcomes: Promise<{ code: string }>[] = [];
      for (let i = 0; i < 1000; i++)
        outcomes.push(rejection(pair.transport.receive(requestOf('e', { step: `s${i}` }))));
      await until(() => pair.tables.counts.running === 1000);
      for (let i = 0; i < 1000; i++) pair.tables.abort(`s${i}`, new Error('stopped'));
      const codes = new Set((await Promise.all(outcomes)).map(({ code }) => code));
      expect(codes.has('none')).to.equal(false);
      expect(pair.tables.counts.running).to.equal(0);
    });

    if (!kind.bytes) return;

    it('narrows float32 to bfloat16 where the sender says so, to nearest, ties to even', async () => {
      const value = hostTensor([1 + 2 ** -8, 1 + 3 * 2 ** -8, 1e38, -0.1, Number.NaN, 3.4e38]);
      const wire = 'bfloat16' as const;
      pair.tables.send('1', keyOf('e'), value, { wire });
      const received = await pair.transport.receive(requestOf('e'));
      const expected = hostTensor(value, { dtype: 'bfloat16' });
      expect(plain(received)).to.deep.equal({ ...plain(expected), dtype: 'float32' });
    });

    it('refuses tensors above the limit and goes on', async () => {
      const capped = await kind.open({ limits: { tensorBytes: 1000 } });
      try {
        capped.tables.send('1', keyOf('e'), ramp(251));
        capped.tables.send('1', keyOf('f'), ramp(250));
        const { code, message } = await rejection(capped.transport.receive(requestOf('e')));
        expect([code, message]).to.deep.equal(['FORMAT_INVALID', message]);
        expect(message).to.contain('above the limit of 1000');
        expect((await capped.transport.receive(requestOf('f'))).size).to.equal(250);
      } finally {
        await capped.close();
      }
    });

    it('refuses names that are too long before it asks', async () => {
      const outcome = await rejection(
        pair.transport.receive(requestOf('e', { step: 'x'.repeat(300) })),
      );
      expect(outcome.code).to.equal('ATTRIBUTE_INVALID');
    });

    it('finds out that the peer is in another incarnation', async () => {
      const other = await kind.open({ incarnation: '18' });
      // The table itself would answer: it is the handshake that must refuse.
      other.tables.send('1', keyOf('e', '18'), scalar(1));
      const request = requestOf('e', { key: keyOf('e', '18') });
      try {
        const { code, message } = await rejection(other.transport.receive(request));
        expect(code).to.equal('ABORTED');
        expect(message).to.contain('probably restarted');
      } finally {
        await other.close();
      }
    });
  });
}
