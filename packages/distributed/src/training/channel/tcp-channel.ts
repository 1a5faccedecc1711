import type { Socket } from 'node:net';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { HostTensor } from '@tenon/core';
import { TrainingMessageSchema } from '../../protocol/gen/distributed_pb.js';
import { defaultLimits, type Limits } from '../../transport/limits.js';
import type { Security } from '../../transport/security.js';
import { dataBytes, encodeFrame, encodeHead, type FrameHead } from '../../transport/tcp/frame.js';
import { type FrameHandler, FrameReader } from '../../transport/tcp/frame-reader.js';
import { decodeWelcome } from '../../transport/tcp/messages.js';
import { openSocket } from '../../transport/tcp/open-socket.js';
import { checkedIncarnation, type Peer, type Self } from '../../transport/transport.js';
import type { Channel, Listener, Packet } from './channel.js';
import { announced, PacketReader } from './packet-messages.js';

/**
 * One end of a connection that exchanges packets: a frame that announces the tensors, and data frames with their bytes. Those are
 * written from where they lie, and copied once on the other side, to where they belong.
 */
class TcpChannel implements Channel, FrameHandler {
  readonly watched = false;
  private readonly socket: Socket;
  private readonly reader = new PacketReader(defaultLimits.tensorBytes);
  private readonly welcomed: ((payload: Buffer) => void) | undefined;
  private listener: Listener | undefined;
  private open = true;

  /** `welcomed`: told how the other side answers the hello of this one. */
  constructor(socket: Socket, welcomed?: (payload: Buffer) => void) {
    this.socket = socket;
    this.welcomed = welcomed;
    // Finds a peer that vanished without a word.
    socket.setKeepAlive(true, defaultLimits.silence);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.closed());
  }

  send(body: object, tensors: readonly HostTensor[] = []): void {
    if (!this.open) return;
    const { message, arrays } = announced(body, tensors);
    const bytes = toBinary(TrainingMessageSchema, create(TrainingMessageSchema, message));
    const { socket } = this;
    // Corked: heads and bytes leave in one call of the kernel.
    socket.cork();
    socket.write(encodeFrame('packet', 0, bytes));
    for (const array of arrays) {
      for (let at = 0; at < array.length; at += dataBytes) {
        const data = array.subarray(at, at + dataBytes);
        socket.write(encodeHead({ kind: 'data', request: 0, length: data.length }));
        socket.write(data);
      }
    }
    socket.uncork();
  }

  listen(listener: Listener): void {
    this.listener = listener;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    const { socket } = this;
    // What was sent still leaves, but to wait for a peer that reads nothing keeps no process alive, and has an end.
    socket.unref();
    setTimeout(() => socket.destroy(), defaultLimits.silence).unref();
    socket.destroySoon();
  }

  frame({ kind }: FrameHead, payload: Buffer): void {
    if (kind === 'packet') this.hear(this.reader.read(fromBinary(TrainingMessageSchema, payload)));
    else if (kind === 'welcome' && this.welcomed) this.welcomed(payload);
    // The other side could not follow, and hangs up.
    else this.socket.destroy();
  }

  data(_: number, piece: Buffer): void {
    this.hear(this.reader.data(piece));
  }

  private hear(packet: Packet | undefined): void {
    if (packet && this.open) this.listener?.packet(packet);
  }

  private closed(): void {
    if (!this.open) return;
    this.open = false;
    this.listener?.closed();
  }
}

/** Opens a channel to the data port of a task, in the life of which one knows. */
export function dialTcp(
  peer: Peer & Self,
  security: Security,
  { handshake }: Pick<Limits, 'handshake'> = defaultLimits,
): Channel {
  const received = (bytes: Buffer): boolean => {
    try {
      reader.feed(bytes);
    } catch {
      socket.destroy();
    }
    return !socket.destroyed;
  };
  const hello = { worker: '', packets: true };
  const socket = openSocket({ to: peer, security, hello, received });
  const late = setTimeout(() => socket.destroy(), handshake);
  socket.on('close', () => clearTimeout(late));
  const channel = new TcpChannel(socket, (welcome) => {
    checkedIncarnation(decodeWelcome(welcome), peer);
    clearTimeout(late);
  });
  const reader = new FrameReader('peer', channel);
  return channel;
}

/** The accepting end: every connection that has packets to exchange is handed over as a channel. */
export const packetChannel =
  (accept: (channel: Channel) => void) =>
  (socket: Socket): FrameHandler => {
    const channel = new TcpChannel(socket);
    accept(channel);
    return channel;
  };
