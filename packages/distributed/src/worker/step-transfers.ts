import { GraphError, type HostTensor, type Transfers } from '@tenon/core';
import type { Peer } from '../protocol/gen/distributed_pb.js';
import { formatKey, type StepRendezvous } from '../rendezvous/index.js';
import type { Transport } from '../transport/transport.js';

export interface StepTransfersOptions {
  /** This worker: `/job:worker/replica:0/task:1`. */
  readonly worker: string;
  readonly incarnation: string;
  /** Of the session, by their names. */
  readonly peers: ReadonlyMap<string, Peer>;
  readonly transport: Transport;
  /** Name of the step in pulls. */
  readonly id: string;
  /** What this worker sends in the step. */
  readonly table: StepRendezvous;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** Transfers of one step: what is sent waits here to be pulled; what is received comes from here or from the worker that sends. */
export class StepTransfers {
  private readonly options: StepTransfersOptions;

  constructor(options: StepTransfersOptions) {
    this.options = options;
  }

  /** Until the signal ends them. Errors: those of `Transport.receive`; NAME_UNKNOWN. */
  until(signal: AbortSignal): Transfers {
    const { table } = this.options;
    return {
      send: (edge, value) => table.send(this.source(edge).key, value),
      receive: (edge, into) => this.receive(edge, into, signal),
    };
  }

  private async receive(
    edge: string,
    into: Parameters<Transfers['receive']>[1],
    signal: AbortSignal,
  ): Promise<HostTensor> {
    const { worker: here, table, transport, id, deadline } = this.options;
    const { worker, key } = this.source(edge);
    if (worker === here) return table.receive(key, { deadline, signal });
    return transport.receive({ worker, step: id, key, deadline, into, signal });
  }

  /** The worker that sends over an edge of the graph, `from;to;edge`, and the key that its present life gives it. */
  private source(text: string): { readonly worker: string; readonly key: string } {
    const [from = '', to = '', edge = ''] = text.split(';');
    const worker = from.slice(0, from.indexOf('/device:'));
    const key = formatKey({
      sourceDevice: from,
      sourceIncarnation: this.incarnationOf(worker),
      destinationDevice: to,
      edge,
      frame: 0,
      iteration: 0,
    });
    return { worker, key };
  }

  private incarnationOf(worker: string): string {
    const { worker: here, incarnation, peers } = this.options;
    if (worker === here) return incarnation;
    const peer = peers.get(worker);
    if (peer) return peer.incarnation;
    throw new GraphError('NAME_UNKNOWN', worker, { what: 'the session has no such worker.' });
  }
}
