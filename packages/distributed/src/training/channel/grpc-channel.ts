import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials as grpcCredentials,
  type Metadata,
  type ServerDuplexStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { HostTensor } from '@tenon/core';
import {
  type TrainingMessage,
  TrainingMessageSchema,
  TrainingService,
} from '../../protocol/gen/distributed_pb.js';
import { clientOptions, plainBytes } from '../../protocol/grpc-client.js';
import { messageOf, tensorOf } from '../../protocol/tensor-message.js';
import type { Channel, Listener } from './channel.js';

const path = `/${TrainingService.typeName}/Train`;

const encode = (message: TrainingMessage): Buffer =>
  Buffer.from(toBinary(TrainingMessageSchema, message));
const decode = (bytes: Buffer): TrainingMessage =>
  fromBinary(TrainingMessageSchema, plainBytes(bytes));

type Stream =
  | ClientDuplexStream<TrainingMessage, TrainingMessage>
  | ServerDuplexStream<TrainingMessage, TrainingMessage>;

/** One stream of the training service. A message that can not be read closes it. */
class GrpcChannel implements Channel {
  private readonly stream: Stream;
  private readonly end: () => void;
  private open = true;

  constructor(stream: Stream, end: () => void) {
    this.stream = stream;
    this.end = end;
  }

  send(body: object, tensors: readonly HostTensor[] = []): void {
    if (!this.open) return;
    const message = create(TrainingMessageSchema, {
      body: JSON.stringify(body),
      tensors: tensors.map(messageOf),
    });
    this.stream.write(message);
  }

  listen(listener: Listener): void {
    const closed = () => {
      if (!this.open) return;
      this.close();
      listener.closed();
    };
    const stream: NodeJS.ReadableStream = this.stream;
    stream.on('data', ({ body, tensors }: TrainingMessage) => {
      if (!this.open) return;
      try {
        const values = tensors.map((tensor, i) => tensorOf(tensor, `tensor ${i}`));
        listener.packet({ body: JSON.parse(body) as unknown, tensors: values });
      } catch {
        closed();
      }
    });
    for (const event of ['end', 'error', 'close', 'cancelled']) stream.on(event, closed);
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.stream.on('error', () => {});
    this.end();
  }
}

/** Opens a channel to a task over gRPC. */
export function dialGrpc(
  address: string,
  options: { readonly credentials?: ChannelCredentials; readonly metadata?: Metadata } = {},
): Channel {
  const { credentials = grpcCredentials.createInsecure(), metadata } = options;
  const client = new Client(address, credentials, clientOptions);
  const stream = metadata
    ? client.makeBidiStreamRequest(path, encode, decode, metadata)
    : client.makeBidiStreamRequest(path, encode, decode);
  return new GrpcChannel(stream, () => {
    stream.cancel();
    client.close();
  });
}

/** The training service of a server: every stream is handed over as a channel. */
export function trainingService(
  accept: (channel: Channel) => void,
): readonly [ServiceDefinition, UntypedServiceImplementation] {
  const definition: ServiceDefinition = {
    train: {
      path,
      requestStream: true,
      responseStream: true,
      requestSerialize: encode,
      requestDeserialize: decode,
      responseSerialize: encode,
      responseDeserialize: decode,
    },
  };
  const train = (stream: ServerDuplexStream<TrainingMessage, TrainingMessage>) =>
    accept(new GrpcChannel(stream, () => stream.end()));
  return [definition, { train }];
}
