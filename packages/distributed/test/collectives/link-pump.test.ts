import { GraphError } from '@tenon/core';
import { expect } from 'chai';
import {
  type Frame,
  LinkPump,
  newLinkMemory,
  newSignalMemory,
  RingSignal,
  SharedLink,
} from '../../src/collectives/index.js';
import { MemoryTransport } from '../../src/transport/index.js';
import { rejection } from '../rendezvous/rejection.js';
import { until } from '../transport/setup.js';

const format = {
  buckets: [{ kind: 'float32', length: 1000 }],
  pieceBytes: 16,
  wire: 'exact',
  slots: 3,
} as const;

/** Pumps of two replicas, each of which pulls from the other; the links are those that their replicas would hold. */
function pumps() {
  const sides = [0, 1].map(() => {
    const signal = new RingSignal(newSignalMemory());
    const [incoming, outgoing] = [0, 1].map(() => new SharedLink(newLinkMemory(format), format));
    const links = { incoming: incoming as SharedLink, outgoing: outgoing as SharedLink };
    return { ...links, signal, pump: new LinkPump({ ring: 'r', signal, ...links }) };
  });
  const transport = new MemoryTransport((worker) => sides[Number(worker)]?.pump);
  sides.forEach(({ pump }, i) => pump.start(transport, String(1 - i)));
  return { sides: sides as [(typeof sides)[0], (typeof sides)[0]], transport };
}

const frame = (piece: number): Frame => ({
  round: 1,
  bucket: 0,
  piece,
  hop: 0,
  values: Float32Array.of(piece, -piece),
});

describe('the pump of a link', () => {
  it('moves frames in order, no more than there is room for', async () => {
    const { sides, transport } = pumps();
    const [from, to] = sides;
    const found: number[] = [];
    let sent = 0;
    await until(() => {
      for (; sent < 200 && from.outgoing.write(frame(sent)); sent++);
      from.pump.move();
      // One frame at each turn: the receiver is the slower one.
      if (to.incoming.take(({ piece, values }) => found.push(piece, ...values))) to.pump.move();
      return found.length === 600;
    });
    expect(found).to.deep.equal(Array.from({ length: 200 }, (_, i) => [i, i, -i]).flat());
    await transport.close();
  });

  it('ends the next replica with the reason for which it was ended, and that one its own', async () => {
    const { sides } = pumps();
    sides[0].pump.end(new GraphError('UNAVAILABLE', 'x', { what: 'it died.' }), 'replica 7');
    await until(() => sides[1].signal.failure !== undefined);
    const codes = sides.map(({ signal }) => signal.failure?.code);
    expect(codes).to.deep.equal(['UNAVAILABLE', 'UNAVAILABLE']);
    expect(sides[1].signal.failure?.message).to.contain('it died.');
    const late = await rejection(sides[0].pump.take({ step: 'r', key: '0' }));
    expect(late.code).to.equal('UNAVAILABLE');
  });

  it('answers no pull of another ring', async () => {
    const { sides, transport } = pumps();
    const { code } = await rejection(sides[0].pump.take({ step: 'other', key: '0' }));
    expect(code).to.equal('ABORTED');
    await transport.close();
  });
});
