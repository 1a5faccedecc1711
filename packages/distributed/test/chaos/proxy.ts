import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** `up`: from who has connected to the server behind the proxy; `down`: back. */
export type Direction = 'up' | 'down';

interface Line {
  readonly client: Socket;
  readonly server: Socket;
}

/** A TCP proxy that does to bytes what networks do. */
export class TcpProxy {
  /** Milliseconds that bytes take, in both directions. */
  delayMs = 0;
  /** Makes, for each new connection, what handles the bytes on their way back instead of handing them on as they are. */
  down: (() => (bytes: Buffer, write: (bytes: Buffer) => void) => void) | undefined;
  /** Connections since the beginning. */
  connections = 0;
  private readonly target: string;
  private readonly listener: Server;
  private readonly lines = new Set<Line>();
  private readonly held = new Set<Direction>();
  /** Clients whose servers have lost them. */
  private readonly abandoned = new Set<Socket>();
  private refusing = false;

  private constructor(target: string) {
    this.target = target;
    this.listener = createServer({ noDelay: true }, (client) => this.accept(client));
  }

  /** A proxy in front of `host:port`. */
  static async before(target: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => proxy.listener.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** Resets all connections; new ones are reset too until `heal`. */
  cut(): void {
    this.refusing = true;
    this.reset();
  }

  /** Resets all connections, once. */
  reset(): void {
    for (const { client, server } of this.lines) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** A partition, of one direction or both: connections stay, and bytes wait in the network. */
  partition(...directions: readonly Direction[]): void {
    for (const direction of directions) this.held.add(direction);
    for (const line of this.lines) this.hold(line);
  }

  /** The server loses all connections and who has connected hears nothing of it, as when a machine loses its power. */
  halfOpen(): void {
    for (const line of this.lines) {
      line.client.pause();
      line.client.removeAllListeners('data');
      this.lines.delete(line);
      this.abandoned.add(line.client);
      line.server.removeAllListeners('close');
      line.server.resetAndDestroy();
    }
  }

  /** All is well again: what has waited arrives. */
  heal(): void {
    this.refusing = false;
    this.held.clear();
    this.delayMs = 0;
    for (const { client, server } of this.lines) {
      client.resume();
      server.resume();
    }
  }

  async close(): Promise<void> {
    this.cut();
    for (const client of this.abandoned) client.destroy();
    await new Promise<void>((resolve) => this.listener.close(() => resolve()));
  }

  private accept(client: Socket): void {
    client.on('error', () => {});
    if (this.refusing) return void client.resetAndDestroy();
    this.connections++;
    const [host = '', port = ''] = this.target.split(':');
    const server = connect({ host, port: Number(port), noDelay: true });
    server.on('error', () => {});
    const line = { client, server };
    this.lines.add(line);
    this.forward(client, server);
    this.forward(server, client, this.down?.());
    this.hold(line);
  }

  private forward(
    from: Socket,
    to: Socket,
    handle = (bytes: Buffer, write: (bytes: Buffer) => void) => write(bytes),
  ): void {
    let due = 0;
    // Bytes never overtake each other, also while the delay changes.
    const later = (task: () => void) => {
      due = Math.max(due, performance.now() + this.delayMs);
      const wait = due - performance.now();
      if (wait <= 0) task();
      else setTimeout(task, wait);
    };
    const write = (bytes: Buffer) => later(() => to.writable && to.write(bytes));
    from.on('data', (bytes) => handle(bytes, write));
    from.on('end', () => later(() => to.end()));
    from.on('close', () => {
      for (const line of this.lines)
        if (line.client === from || line.server === from) this.lines.delete(line);
      to.destroy();
    });
  }

  private hold({ client, server }: Line): void {
    if (this.held.has('up')) client.pause();
    if (this.held.has('down')) server.pause();
  }
}
