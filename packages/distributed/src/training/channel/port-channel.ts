import type { MessagePort } from 'node:worker_threads';
import { HostTensor } from '@tenon/core';
import { type PostedTensor, posted } from '../../transport/threads/messages.js';
import type { Channel, Listener } from './channel.js';

interface Message {
  readonly body: unknown;
  readonly tensors: readonly PostedTensor[];
}

/**
 * One end of a channel between two threads of a process. Tensors in shared memory are handed over where they lie, others are copied
 * once.
 */
export class PortChannel implements Channel {
  readonly watched = true;
  private readonly port: MessagePort;
  private open = true;

  constructor(port: MessagePort) {
    this.port = port;
  }

  send(body: object, tensors: readonly HostTensor[] = []): void {
    if (!this.open) return;
    const sent = tensors.map(posted);
    const message: Message = { body, tensors: sent.map(({ tensor }) => tensor) };
    this.port.postMessage(
      message,
      sent.flatMap(({ moved }) => moved),
    );
  }

  listen(listener: Listener): void {
    const { port } = this;
    port.on('message', ({ body, tensors }: Message) => {
      if (!this.open) return;
      const values = tensors.map(
        ({ values, shape, dtype }) => new HostTensor(values, shape, dtype),
      );
      listener.packet({ body, tensors: values });
    });
    port.on('close', () => {
      if (!this.open) return;
      this.open = false;
      listener.closed();
    });
    // Who only waits for packets keeps no process alive.
    port.unref();
  }

  close(): void {
    this.open = false;
    this.port.close();
  }
}
