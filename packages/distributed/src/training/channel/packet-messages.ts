import type { MessageInitShape } from '@bufbuild/protobuf';
import { GraphError, type HostTensor } from '@tenon/core';
import type { TrainingMessage, TrainingMessageSchema } from '../../protocol/gen/distributed_pb.js';
import { headerMessage, pieceBytes, readHeader } from '../../transport/grpc/pieces.js';
import { IncomingTensor } from '../../transport/incoming-tensor.js';
import type { TensorHeader } from '../../transport/tensor-header.js';
import { wireValue } from '../../transport/wire-values.js';
import type { Packet } from './channel.js';

type MessageInit = MessageInitShape<typeof TrainingMessageSchema>;

/** A packet as the message that announces its tensors, and their bytes where they lie. */
export function announced(body: object, tensors: readonly HostTensor[]) {
  const values = tensors.map((value) => wireValue({ value }));
  const headers = values.map(({ header }) => headerMessage(header));
  const message: MessageInit = { body: JSON.stringify(body), tensors: headers };
  return { message, arrays: values.map(({ bytes }) => bytes) };
}

/** A packet as messages of limited size. */
export function* messagesOf(body: object, tensors: readonly HostTensor[]): Generator<MessageInit> {
  const { message, arrays } = announced(body, tensors);
  const pieces = piecesOf(arrays);
  const { value: data = new Uint8Array() } = pieces.next();
  yield { ...message, data };
  for (const piece of pieces) yield { data: piece };
}

/** Bytes one after another, in pieces that are full but the last; those within an array are its memory. */
function* piecesOf(arrays: readonly Uint8Array[]): Generator<Uint8Array, undefined> {
  let held: Uint8Array[] = [];
  let room = pieceBytes;
  for (const array of arrays) {
    for (let at = 0; at < array.length; ) {
      const part = array.subarray(at, at + room);
      at += part.length;
      room -= part.length;
      held.push(part);
      if (room > 0) continue;
      yield joined(held);
      held = [];
      room = pieceBytes;
    }
  }
  if (held.length > 0) yield joined(held);
}

const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);

const invalid = (what: string): GraphError =>
  new GraphError('FORMAT_INVALID', 'training message', { what });

/** Puts the messages of one side together to packets. */
export class PacketReader {
  private readonly tensorBytes: number;
  private body: unknown;
  private headers: readonly TensorHeader[] = [];
  /** Those that are complete, in the order of the headers. */
  private values: HostTensor[] = [];
  /** The one that comes. */
  private incoming: IncomingTensor | undefined;

  /** `tensorBytes`: the largest tensor that is taken. */
  constructor(tensorBytes: number) {
    this.tensorBytes = tensorBytes;
  }

  /** The packet, once its last message is there. Errors: FORMAT_INVALID. */
  read({ body, tensors, data }: TrainingMessage): Packet | undefined {
    const { amidst } = this;
    if (amidst === (body !== ''))
      throw invalid(`a packet ${amidst ? 'came before the end of another' : 'has no beginning'}.`);
    if (!amidst) this.begin(body, tensors);
    return this.data(data);
  }

  /** The same for bytes of its tensors that come by themselves. */
  data(bytes: Uint8Array): Packet | undefined {
    this.take(bytes);
    if (this.amidst) return undefined;
    const tensors = this.values;
    this.headers = [];
    this.values = [];
    return { body: this.body, tensors };
  }

  private get amidst(): boolean {
    return this.values.length < this.headers.length;
  }

  private begin(body: string, tensors: TrainingMessage['tensors']): void {
    try {
      this.body = JSON.parse(body);
    } catch {
      throw invalid('its body is no JSON.');
    }
    this.headers = tensors.map((header) => readHeader(header, this.tensorBytes));
    this.advance();
  }

  private take(data: Uint8Array): void {
    for (let at = 0; at < data.length; ) {
      if (!this.incoming) throw invalid('more bytes came than were announced.');
      const part = data.subarray(at, at + this.incoming.missing);
      this.incoming.write(part);
      at += part.length;
      this.advance();
    }
  }

  /** Past tensors that have all their bytes. Memory is set aside for the one that comes, not for all that are announced. */
  private advance(): void {
    for (;;) {
      if (this.incoming?.missing === 0) {
        this.values.push(this.incoming.finish());
        this.incoming = undefined;
      }
      const header = this.headers[this.values.length];
      if (this.incoming || !header) return;
      this.incoming = new IncomingTensor(header);
    }
  }
}
