import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { z } from 'zod';
import { unavailable } from '../transport/failure.js';
import { nameLimits } from '../transport/limits.js';
import { type Security, tlsOptions, unauthenticated } from '../transport/security.js';
import { checkedIncarnation, type Peer } from '../transport/transport.js';

export interface HeartbeatRequest extends Peer {
  /** `/job:ps/replica:0/task:0` */
  readonly worker: string;
  /** Milliseconds within which it must answer. */
  readonly timeoutMs: number;
  readonly security?: Security;
}

const name = z.string().max(nameLimits.worker);
const answerSchema = z.union([
  z.strictObject({ worker: name, incarnation: name }),
  z.strictObject({ refused: z.literal(true) }),
]);
const mostAnswer = 1024;

/**
 * Asks the heartbeat thread of a worker whether it still is in the life that is meant.
 * Errors: UNAVAILABLE (it does not answer, or another worker does), ABORTED (another life), UNAUTHENTICATED.
 */
export async function askHeartbeat(request: HeartbeatRequest): Promise<void> {
  const { worker, incarnation } = request;
  const text = await answerOf(request);
  const answer = answerSchema.safeParse(parsed(text)).data;
  if (!answer) throw unavailable(worker, 'answers heartbeats with something else.');
  if ('refused' in answer) throw unauthenticated();
  checkedIncarnation(answer, { worker, incarnation });
}

function answerOf({ worker, host, port, timeoutMs, security = {} }: HeartbeatRequest) {
  const { tls, token = '' } = security;
  return new Promise<string>((resolve, reject) => {
    const servername = tls?.serverName ? { servername: tls.serverName } : {};
    const ask = () => socket.write(`${token}\n`);
    const socket = tls
      ? connectTls({ host, port, ...tlsOptions(tls), ...servername } as ConnectionOptions, ask)
      : connectTcp({ host, port }, ask);
    let answer = '';
    const fail = (what: string, cause?: unknown) => {
      reject(unavailable(worker, what, cause));
      socket.destroy();
    };
    const late = setTimeout(
      () => fail(`did not answer the heartbeat within ${timeoutMs} ms.`),
      timeoutMs,
    );
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length > mostAnswer) fail('answers heartbeats with something else.');
    });
    socket.on('error', (error) => fail(`cannot be reached: ${error.message}.`, error));
    socket.on('end', () => resolve(answer));
    socket.on('close', () => {
      clearTimeout(late);
      fail('closed the connection.');
    });
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
