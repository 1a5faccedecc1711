import {
  Client,
  type ClientDuplexStream,
  type MethodDefinition,
  type ServerDuplexStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { HostTensor } from '@tenon/core';
import { readCredentials } from '../../cluster/credentials.js';
import { type TrainingMessage, TrainingService } from '../../protocol/gen/distributed_pb.js';
import { clientOptions } from '../../protocol/grpc-client.js';
import {
  channelCredentials,
  channelName,
  tokenMetadata,
} from '../../transport/grpc/credentials.js';
import { windowOptions } from '../../transport/grpc/pieces.js';
import { serviceDefinition } from '../../transport/grpc/service-definition.js';
import { defaultLimits } from '../../transport/limits.js';
import type { Security } from '../../transport/security.js';
import type { Channel, Listener } from './channel.js';
import { messagesOf, PacketReader } from './packet-messages.js';

const { train } = serviceDefinition(TrainingService) as {
  readonly train: MethodDefinition<object, TrainingMessage>;
};

type Stream =
  | ClientDuplexStream<object, TrainingMessage>
  | ServerDuplexStream<TrainingMessage, object>;

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
    for (const message of messagesOf(body, tensors)) this.stream.write(message);
  }

  listen(listener: Listener): void {
    const closed = () => {
      if (!this.open) return;
      this.close();
      listener.closed();
    };
    const reader = new PacketReader(defaultLimits.tensorBytes);
    const stream: NodeJS.ReadableStream = this.stream;
    stream.on('data', (message: TrainingMessage) => {
      if (!this.open) return;
      try {
        const packet = reader.read(message);
        if (packet) listener.packet(packet);
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
  const options = { ...clientOptions, ...windowOptions, ...channelName(security) };
  const client = new Client(address, channelCredentials(security), options);
  const { path, requestSerialize, responseDeserialize } = train;
  const metadata = tokenMetadata(security);
  const stream = client.makeBidiStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    metadata,
  );
  return new GrpcChannel(stream, () => {
    stream.cancel();
    client.close();
  });
}

/** The training service of a server: every stream is handed over as a channel. */
export function trainingService(
  accept: (channel: Channel) => void,
): readonly [ServiceDefinition, UntypedServiceImplementation] {
  const accepted = (stream: ServerDuplexStream<TrainingMessage, object>) =>
    accept(new GrpcChannel(stream, () => stream.end()));
  return [{ train }, { train: accepted }];
}
