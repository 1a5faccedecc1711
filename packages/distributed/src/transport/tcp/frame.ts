import { GraphError } from '@tenon/core';

/**
 * The head of a frame, 16 bytes, little-endian:
 *
 *     0  4  magic, the letters TNTF
 *     4  1  version of the protocol
 *     5  1  kind
 *     6  2  zero
 *     8  4  request that the frame belongs to; 0 where it belongs to the connection
 *    12  4  bytes of payload that follow
 */
export interface FrameHead {
  readonly kind: FrameKind;
  readonly request: number;
  readonly length: number;
}

export const headBytes = 16;
/** Bytes of one data frame; answers take turns after each. */
export const dataBytes = 2 ** 20;

const magic = 0x46544e54;
const version = 1;

/** Who sends frames: who has not said yet who it is, the receiver of tensors that it pulls, their sender, or a peer that exchanges packets. */
export type Side = 'newcomer' | 'receiver' | 'sender' | 'peer';

interface FrameRule {
  readonly number: number;
  readonly from: readonly Side[];
  readonly most: number;
}

/** Kinds of frames: number on the wire, who sends it, and the largest payload. */
export const frameKinds = {
  hello: { number: 1, from: ['newcomer'], most: 8192 },
  welcome: { number: 2, from: ['sender', 'peer'], most: 8192 },
  pull: { number: 3, from: ['receiver'], most: 16_384 },
  cancel: { number: 4, from: ['receiver'], most: 0 },
  tensor: { number: 5, from: ['sender'], most: 256 },
  data: { number: 6, from: ['sender', 'peer'], most: dataBytes },
  failure: { number: 7, from: ['sender', 'peer'], most: 131_072 },
  ping: { number: 8, from: ['receiver'], most: 0 },
  pong: { number: 9, from: ['sender'], most: 0 },
  packet: { number: 10, from: ['peer'], most: 2 ** 26 },
} as const satisfies Record<string, FrameRule>;

export type FrameKind = keyof typeof frameKinds;

const kindsByNumber = new Map(
  Object.entries(frameKinds).map(([kind, { number }]) => [number as number, kind as FrameKind]),
);

export const encodeHead = ({ kind, request, length }: FrameHead): Buffer => {
  const head = Buffer.allocUnsafe(headBytes);
  head.writeUInt32LE(magic, 0);
  head.writeUInt8(version, 4);
  head.writeUInt8(frameKinds[kind].number, 5);
  head.writeUInt16LE(0, 6);
  head.writeUInt32LE(request, 8);
  head.writeUInt32LE(length, 12);
  return head;
};

/** A small frame as one piece. */
export function encodeFrame(kind: FrameKind, request: number, payload?: Uint8Array): Buffer {
  const head = encodeHead({ kind, request, length: payload?.length ?? 0 });
  return payload ? Buffer.concat([head, payload]) : head;
}

/** The head at the start of some bytes that `from` sent. Errors: FORMAT_INVALID. */
export function decodeHead(bytes: Buffer, from: Side): FrameHead {
  if (bytes.readUInt32LE(0) !== magic) garbage('they are no frames of the transport.');
  const spoken = bytes.readUInt8(4);
  if (spoken !== version)
    garbage(`they speak version ${spoken} of the protocol, this side speaks ${version}.`);
  const kind = kindsByNumber.get(bytes.readUInt8(5));
  const sides: readonly Side[] = kind ? frameKinds[kind].from : [];
  if (!kind || !sides.includes(from) || bytes.readUInt16LE(6) !== 0)
    return garbage(`a frame of kind ${bytes.readUInt8(5)} is not for this side.`);
  const length = bytes.readUInt32LE(12);
  const { most } = frameKinds[kind];
  if (length > most)
    garbage(`a frame of kind ${kind} announces ${length} bytes; at most ${most} are possible.`);
  return { kind, request: bytes.readUInt32LE(8), length };
}

/** Ends a connection whose bytes cannot be followed any more. */
export function garbage(what: string): never {
  throw new GraphError('FORMAT_INVALID', 'transport', {
    what: `the peer's bytes make no sense: ${what}`,
    fix: 'see whether the address is that of a worker and both run the same version.',
  });
}
