import { allOps, constant, encodeGraph, exp, type HostTensor, hostTensor } from '@tenon/core';
import { expect } from 'chai';
import { newToken, type Security } from '../../src/index.js';
import { dialTask } from '../../src/training/channel/dial-task.js';
import { dialGrpc } from '../../src/training/channel/grpc-channel.js';
import { note } from './hostile-parts.js';
import { type SecuredCluster, securedCluster } from './secured-cluster.js';

const security = { token: newToken() };

describe('hostile channels of training', () => {
  let cluster: SecuredCluster;
  before(async () => {
    const ops = allOps.filter(({ name }) => name !== 'exp');
    cluster = await securedCluster({ security, ops });
  });
  after(() => cluster.close());
  afterEach(() => expect(cluster.worker.worker.training.count).to.equal(0));

  let dial: typeof dialTask;

  /** What a task answers to the first that it hears: a message, or the end of the channel. */
  async function answer(
    shown: Security,
    said: object,
    tensors: readonly HostTensor[] = [],
  ): Promise<unknown> {
    const channel = dial(cluster.worker.address, shown);
    const heard = new Promise<unknown>((resolve) =>
      channel.listen({
        packet: ({ body }) => resolve(body),
        closed: () => resolve('closed'),
      }),
    );
    channel.send(said, tensors);
    return heard.finally(() => channel.close());
  }

  const opening = (graph: Uint8Array) =>
    [
      {
        kind: 'open',
        training: 'hostile',
        role: {
          role: 'replica',
          worker: 0,
          seed: 1,
          columns: 0,
          fixed: [],
          shards: ['127.0.0.1:1'],
          parameters: [],
          held: [[]],
          tables: [[]],
          lookups: [],
        },
      },
      [hostTensor(graph, { dtype: 'uint8', shape: [graph.length] })],
    ] as const;

  for (const [plane, dialled] of Object.entries({ 'the data plane': dialTask, gRPC: dialGrpc }))
    describe(`over ${plane}`, () => {
      before(() => {
        dial = dialled;
      });

      it('are closed before a word where the token is missing or wrong', async () => {
        const [said, tensors] = opening(new Uint8Array());
        for (const shown of [{}, { token: newToken() }])
          expect(await answer(shown, said, tensors)).to.equal('closed');
      });

      it('are answered with what is wrong of a graph', async () => {
        const graphs = [
          // An op of the library that this worker does not take.
          [encodeGraph({ fetches: exp(constant(1)) }), 'NAME_UNKNOWN'],
          [encodeGraph({ fetches: note() }), 'NAME_UNKNOWN'],
          [new TextEncoder().encode('#!/bin/sh'), 'FORMAT_INVALID'],
        ] as const;
        for (const [graph, code] of graphs) {
          const [said, tensors] = opening(graph);
          expect(await answer(security, said, tensors)).to.include({ kind: 'failed', code });
        }
      });

      it('are closed for what is no message', async () => {
        for (const said of [[], { kind: 'destroy' }, { kind: 'attach', training: 'x' }])
          expect(await answer(security, said)).to.equal('closed');
      });
    });
});
