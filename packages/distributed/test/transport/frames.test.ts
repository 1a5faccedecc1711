import { GraphError } from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { encodeFrame, encodeHead, type FrameKind } from '../../src/transport/tcp/frame.js';
import { FrameReader } from '../../src/transport/tcp/frame-reader.js';
import {
  decodeHeader,
  decodePull,
  encodeHeader,
  encodePull,
} from '../../src/transport/tcp/messages.js';

const kinds = ['tensor', 'data', 'failure', 'pong', 'welcome'] as const satisfies FrameKind[];
const frames = fc.array(
  fc.record({
    kind: fc.constantFrom<FrameKind>(...kinds),
    request: fc.nat(2 ** 32 - 1),
    payload: fc.uint8Array({ minLength: 1, maxLength: 200 }),
  }),
);

/** What a reader makes of bytes that come in pieces of these sizes, in one buffer that is used again and again. */
function readIn(bytes: Buffer, sizes: readonly number[]) {
  const seen: { kind: FrameKind; request: number; payload: number[] }[] = [];
  const reader = new FrameReader('sender', {
    frame: ({ kind, request }, payload) => seen.push({ kind, request, payload: [...payload] }),
    data: (request, piece) => {
      const last = seen.at(-1);
      if (last?.kind === 'data' && last.request === request) last.payload.push(...piece);
      else seen.push({ kind: 'data', request, payload: [...piece] });
    },
  });
  const scratch = Buffer.alloc(64);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.min(sizes[i % sizes.length] as number, bytes.length - at);
    bytes.copy(scratch, 0, at, at + size);
    reader.feed(scratch.subarray(0, size));
    at += size;
  }
  return seen;
}

describe('frames', () => {
  it('are read the same however the stream is cut', () => {
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }),
        (list, sizes) => {
          // Data frames of one request in a row cannot be told from one.
          const distinct = list.map((frame, i) => ({
            ...frame,
            request: ((frame.request & ~255) + (i % 256) + (frame.request < 0 ? 2 ** 32 : 0)) >>> 0,
          }));
          const bytes = Buffer.concat(
            distinct.map(({ kind, request, payload }) =>
              kind === 'pong' ? encodeFrame(kind, request) : encodeFrame(kind, request, payload),
            ),
          );
          expect(readIn(bytes, sizes)).to.deep.equal(
            distinct.map(({ kind, request, payload }) => ({
              kind,
              request,
              payload: kind === 'pong' ? [] : [...payload],
            })),
          );
        },
      ),
    );
  });

  it('that are random bytes are refused or wait for more, and nothing else', () => {
    const head = encodeHead({ kind: 'tensor', request: 1, length: 32 });
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.nat(15),
        fc.nat(255),
        (noise, place, value) => {
          const changed = Buffer.from(head);
          changed[place] = value;
          for (const bytes of [Buffer.from(noise), Buffer.concat([changed, noise])]) {
            try {
              readIn(bytes, [64]);
            } catch (error) {
              expect(error).to.be.instanceOf(GraphError).with.property('code', 'FORMAT_INVALID');
            }
          }
        },
      ),
    );
  });

  it('carry headers and pulls unchanged, and refuse those that were changed', () => {
    const header = { dtype: 'float32', wire: 'bfloat16', shape: [2, 0, 3], bytes: 0 } as const;
    expect(decodeHeader(encodeHeader(header), 2 ** 32)).to.deep.equal(header);
    const pull = { step: 'ü/1', key: 'a;1;b;c;0:0', remaining: 250 };
    expect(decodePull(encodePull(pull))).to.deep.equal(pull);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        for (const read of [
          () => decodeHeader(Buffer.from(noise), 2 ** 20),
          () => decodePull(Buffer.from(noise)),
        ]) {
          try {
            read();
          } catch (error) {
            expect(error).to.be.instanceOf(GraphError).with.property('code', 'FORMAT_INVALID');
          }
        }
      }),
    );
  });
});
