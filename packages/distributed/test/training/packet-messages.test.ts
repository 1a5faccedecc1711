import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { GraphError, HostTensor, hostTensor } from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type TrainingMessage,
  TrainingMessageSchema,
} from '../../src/protocol/gen/distributed_pb.js';
import { messagesOf, PacketReader } from '../../src/training/channel/packet-messages.js';
import { messageBytes, pieceBytes } from '../../src/transport/grpc/pieces.js';

/** What arrives of a packet. */
const travelled = (body: object, tensors: readonly HostTensor[]): TrainingMessage[] =>
  [...messagesOf(body, tensors)].map((message) => {
    const bytes = toBinary(TrainingMessageSchema, create(TrainingMessageSchema, message));
    expect(bytes.length).to.be.at.most(messageBytes);
    return fromBinary(TrainingMessageSchema, bytes);
  });

const filled = (size: number): HostTensor =>
  new HostTensor(
    Float32Array.from({ length: size }, (_, i) => i % 9973),
    [size],
  );

describe('packets of training in messages', () => {
  it('are the same at the other end, one after another, whatever the sizes of their tensors', () => {
    const edge = pieceBytes / 4;
    const size = fc.oneof(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: edge - 2, max: edge + 2 }),
      fc.integer({ min: 1, max: 3 * edge }),
    );
    const packets = fc.array(fc.array(size, { maxLength: 5 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(packets, (sizes) => {
        const reader = new PacketReader(2 ** 30);
        for (const [number, own] of sizes.entries()) {
          const tensors = own.map(filled);
          const messages = travelled({ number }, tensors);
          const bytes = own.reduce((sum, count) => sum + 4 * count, 0);
          expect(messages.length).to.equal(Math.max(1, Math.ceil(bytes / pieceBytes)));
          const read = messages.map((message) => reader.read(message));
          expect(read.slice(0, -1).every((packet) => packet === undefined)).to.equal(true);
          expect(read.at(-1)).to.deep.equal({ body: { number }, tensors });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('carry every dtype', () => {
    const tensors = [
      hostTensor([true, false]),
      hostTensor([1, -2, 3], { dtype: 'int32' }),
      hostTensor([0.5, -1.5], { dtype: 'bfloat16' }),
      hostTensor([[0.25], [3]], { dtype: 'float16' }),
      hostTensor([Math.PI], { dtype: 'float64' }),
      hostTensor([2n ** 40n], { dtype: 'int64' }),
    ];
    const [message] = travelled({}, tensors);
    expect(new PacketReader(2 ** 20).read(message as TrainingMessage)?.tensors).to.deep.equal(
      tensors,
    );
  });

  const message = (fields: Parameters<typeof create<typeof TrainingMessageSchema>>[1]) =>
    create(TrainingMessageSchema, fields);
  const [long, rest] = travelled({}, [filled(pieceBytes / 4 + 1)]) as [
    TrainingMessage,
    TrainingMessage,
  ];
  for (const { what, messages } of [
    { what: 'that begin before the end of another', messages: [long, message({ body: '{}' })] },
    { what: 'that have no beginning', messages: [rest] },
    { what: 'whose body is no JSON', messages: [message({ body: '{' })] },
    { what: 'with more bytes than announced', messages: [long, rest, rest] },
    {
      what: 'with bytes for no tensor',
      messages: [message({ body: '{}', data: Uint8Array.of(1) })],
    },
    {
      what: 'with a tensor above the limit',
      messages: travelled({}, [filled(pieceBytes)]).slice(0, 1),
    },
  ]) {
    it(`${what} are refused`, () => {
      const reader = new PacketReader(2 * pieceBytes);
      expect(() => {
        for (const next of messages) reader.read(next);
      })
        .to.throw(GraphError)
        .with.property('code', 'FORMAT_INVALID');
    });
  }
});
