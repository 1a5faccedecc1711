import { randomUUID } from 'node:crypto';
import {
  LinkPump,
  newLinkMemory,
  newSignalMemory,
  RingSignal,
  SharedLink,
} from '../../collectives/index.js';
import { type Peer, TcpTransport, TensorServer } from '../../transport/index.js';
import type { ConnectMessage, ListenMessage, RingMemory } from '../messages.js';

/** The links of one replica to replicas in other processes of this machine: memory on this side, TCP in between. */
export class ProcessRing {
  readonly memory: RingMemory;
  /** Where the next replica finds this one. */
  readonly peer: Peer;
  private readonly ask: ListenMessage;
  private readonly pump: LinkPump;
  private readonly server: TensorServer;
  private transport: TcpTransport | undefined;

  /** Listens for the next replica. */
  static async listen(ask: ListenMessage): Promise<ProcessRing> {
    const { place, name, ring, token } = ask;
    const memory = {
      incoming: newLinkMemory(place),
      outgoing: newLinkMemory(place),
      signal: newSignalMemory(),
    };
    const pump = new LinkPump({
      ring,
      incoming: new SharedLink(memory.incoming, place),
      outgoing: new SharedLink(memory.outgoing, place),
      signal: new RingSignal(memory.signal),
    });
    const self = { worker: name, incarnation: randomUUID() };
    const server = await TensorServer.listen({ self, source: pump, security: { token } });
    const peer = { ...server.address, incarnation: self.incarnation };
    return new ProcessRing({ ask, memory, pump, server, peer });
  }

  private constructor({
    ask,
    memory,
    pump,
    server,
    peer,
  }: {
    ask: ListenMessage;
    memory: RingMemory;
    pump: LinkPump;
    server: TensorServer;
    peer: Peer;
  }) {
    this.ask = ask;
    this.memory = memory;
    this.pump = pump;
    this.server = server;
    this.peer = peer;
  }

  /** Begins to pull from the replica before. */
  connect({ before, name }: ConnectMessage): void {
    const { name: from, token } = this.ask;
    this.transport = new TcpTransport({ from, peer: () => before, security: { token } });
    this.pump.start(this.transport, name);
  }

  /** The replica has written or taken frames. */
  move(): void {
    this.pump.move();
  }

  end(error: unknown): void {
    this.pump.end(error, this.ask.name);
  }

  async close(): Promise<void> {
    await Promise.all([this.transport?.close(), this.server.close()]);
  }
}
