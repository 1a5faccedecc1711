import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  Client,
  type ClientDuplexStream,
  type ServerDuplexStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { HostTensor } from '@tenon/core';
import { readCredentials } from '../../cluster/credentials.js';
import {
  type TrainingMessage,
  TrainingMessageSchema,
  TrainingService,
} from '../../protocol/gen/distributed_pb.js';
import { clientOptions } from '../../protocol/grpc-client.js';
import { messageOf, tensorOf } from '../../protocol/tensor-message.js';
import {
  channelCredentials,
  channelName,
  tokenMetadata,
} from '../../transport/grpc/credentials.js';
import { plainBytes } from '../../transport/grpc/service-definition.js';
import type { Security } from '../../transport/security.js';
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
  readonly watched = false;
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

/** Opens a channel to a task over gRPC, with what the environment names where no security is given. */
export function dialGrpc(
  address: string,
  security: Security = readCredentials(process.env),
): Channel {
  const options = { ...clientOptions, ...channelName(security) };
  const client = new Client(address, channelCredentials(security), options);
  const stream = client.makeBidiStreamRequest(path, encode, decode, tokenMetadata(security));
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
