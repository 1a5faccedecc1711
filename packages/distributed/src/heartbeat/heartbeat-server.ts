import { Worker as Thread } from 'node:worker_threads';
import { GraphError } from '@tenon/core';
import { nameLimits } from '../transport/limits.js';
import { checkBinding, type Security, tlsOptions } from '../transport/security.js';
import type { Self } from '../transport/transport.js';
import { heartbeatSource } from './heartbeat-source.js';

export interface HeartbeatServerOptions {
  readonly self: Self;
  /** Default 127.0.0.1; any other needs TLS or a token. */
  readonly host?: string;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  readonly security?: Security;
}

const limits = { mostBytes: nameLimits.token + 1, mostConnections: 256, patience: 10_000 };
// Megabytes: it holds some sockets and nothing else.
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };

/** A thread that says who lives here, also while the threads that compute are busy for long. */
export class HeartbeatServer {
  readonly port: number;
  private readonly thread: Thread;

  /** Errors: UNAUTHENTICATED (off loopback without TLS or token), ATTRIBUTE_INVALID, RUN_FAILED (it can not listen). */
  static async listen(options: HeartbeatServerOptions): Promise<HeartbeatServer> {
    const { self, host = '127.0.0.1', port = 0, security = {} } = options;
    checkBinding(host, security, 'HeartbeatServer');
    const { token, tls } = security;
    const thread = new Thread(heartbeatSource, {
      eval: true,
      execArgv: [],
      env: {},
      name: 'tenon-heartbeat',
      resourceLimits,
      workerData: { self, host, port, token, tls: tls && tlsOptions(tls), ...limits },
    });
    // Whatever else the process waits for keeps it alive, not this.
    thread.unref();
    try {
      return new HeartbeatServer(thread, await listening(thread));
    } catch (cause) {
      await thread.terminate();
      throw new GraphError('RUN_FAILED', self.worker, {
        what: `it can not answer heartbeats on ${host}:${port}: ${(cause as Error).message}.`,
        cause,
      });
    }
  }

  private constructor(thread: Thread, port: number) {
    this.thread = thread;
    this.port = port;
  }

  async close(): Promise<void> {
    await this.thread.terminate();
  }
}

function listening(thread: Thread): Promise<number> {
  return new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('message', ({ port, error }: { port?: number; error?: string }) => {
      if (port === undefined) reject(new Error(error));
      else resolve(port);
    });
  });
}
