import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { GraphError } from '@tenon/core';
import { expect } from 'chai';
import type { Handlers } from '../../src/protocol/call.js';
import { WorkerService } from '../../src/protocol/gen/distributed_pb.js';
import { portConnection } from '../../src/protocol/port-client.js';
import { servePort } from '../../src/protocol/port-server.js';
import { isUnreachable } from '../../src/protocol/unreachable.js';
import { failure } from '../failure.js';

const name = '/job:worker/replica:0/task:0';

/** A worker that answers through ports while it is `there`; `runGraph` waits until its call is cancelled. */
function worker() {
  const cancels: unknown[] = [];
  const ends: MessagePort[] = [];
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const handlers = {
    readVariable: async ({ variable }) => {
      if (variable === 0) throw new GraphError('STATE_INVALID', 'variable 0', { what: 'gone.' });
      return { value: { dtype: 'uint8', shape: [2], data: Uint8Array.of(variable, 7) } };
    },
    runGraph: (_request, signal) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          cancels.push((signal.reason as GraphError).code);
          reject(signal.reason);
        });
        arrive();
      }),
  } as Partial<Handlers<typeof WorkerService>> as Handlers<typeof WorkerService>;
  let come: () => void = () => {};
  const line = {
    name,
    there: true,
    open(): MessagePort | undefined {
      if (!line.there) return undefined;
      const { port1, port2 } = new MessageChannel();
      servePort(WorkerService, handlers, { port: port2, name });
      ends.push(port2);
      return port1;
    },
    ready: () =>
      new Promise<void>((resolve) => {
        come = resolve;
      }),
  };
  return {
    line,
    cancels,
    arrived,
    end: () => ends.splice(0).map((port) => port.close()),
    come: () => {
      line.there = true;
      come();
    },
  };
}

describe('calls through a port', () => {
  const start = () => {
    const own = worker();
    return { ...own, connection: portConnection(WorkerService, own.line) };
  };

  it('bring answers, and the errors of the other side with their codes', async () => {
    const { connection, end } = start();
    const [one, two] = await Promise.all(
      [1, 2].map((variable) => connection.calls.readVariable({ variable })),
    );
    expect([one, two].map((answer) => [...(answer?.value?.data ?? [])])).to.deep.equal([
      [1, 7],
      [2, 7],
    ]);
    const error = await failure(connection.calls.readVariable({ variable: 0 }));
    expect(error).to.include({ code: 'STATE_INVALID', where: 'variable 0', worker: name });
    connection.close();
    end();
  });

  it('end with the reason of who cancels them, which the other side hears', async () => {
    const { connection, cancels, arrived } = start();
    const abort = new AbortController();
    const call = failure(connection.calls.runGraph({ step: 1 }, { signal: abort.signal }));
    await arrived;
    abort.abort(new Error('enough'));
    expect((await call).message).to.equal('enough');
    const early = connection.calls.runGraph({ step: 2 }, { signal: abort.signal });
    expect((await failure(early)).message).to.equal('enough');
    await connection.calls.readVariable({ variable: 1 });
    expect(cancels).to.deep.equal(['RUN_ABORTED']);
    connection.close();
  });

  it('end at their deadline, as do their answers', async () => {
    const { connection, cancels } = start();
    const late = await failure(connection.calls.runGraph({ step: 1 }, { timeoutMs: 20 }));
    expect(late).to.include({ code: 'DEADLINE_EXCEEDED', where: 'RunGraph', worker: name });
    await connection.calls.readVariable({ variable: 1 });
    expect(cancels).to.deep.equal(['RUN_ABORTED']);
    connection.close();
  });

  it('that wait for a thread which ends can not tell whether they were heard', async () => {
    const { connection, arrived, end } = start();
    const call = failure(connection.calls.runGraph({ step: 1 }));
    await arrived;
    end();
    const error = await call;
    expect([error.code, isUnreachable(error)]).to.deep.equal(['UNAVAILABLE', true]);
    // The next call goes to the next thread.
    await connection.calls.readVariable({ variable: 1 });
    connection.close();
    expect((await failure(connection.calls.readVariable({ variable: 1 }))).code).to.equal(
      'UNAVAILABLE',
    );
  });

  it('fail at once where there is no thread, or wait for it', async () => {
    const { connection, line, come } = start();
    line.there = false;
    const { readVariable } = connection.calls;
    expect((await failure(readVariable({ variable: 1 }))).code).to.equal('UNAVAILABLE');
    const late = readVariable({ variable: 1 }, { waitForReady: true, timeoutMs: 10 });
    expect((await failure(late)).code).to.equal('DEADLINE_EXCEEDED');
    const waiting = readVariable({ variable: 5 }, { waitForReady: true });
    come();
    expect((await waiting).value?.data[0]).to.equal(5);
    connection.close();
  });

  it('that are closed end, and so do their answers', async () => {
    const { connection, arrived, cancels } = start();
    const call = failure(connection.calls.runGraph({ step: 1 }));
    await arrived;
    connection.close();
    expect((await call).code).to.equal('UNAVAILABLE');
    while (cancels.length === 0) await new Promise((resolve) => setImmediate(resolve));
  });
});
