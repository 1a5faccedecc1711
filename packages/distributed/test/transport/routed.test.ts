import { expect } from 'chai';
import { MemoryTransport, RoutedTransport } from '../../src/transport/index.js';
import { rejection } from '../rendezvous/rejection.js';
import { keyOf, newTables, requestOf, scalar } from './setup.js';

describe('RoutedTransport', () => {
  it('asks each worker over its own transport, and closes all that it used', async () => {
    const sides = ['a', 'b'].map((worker) => {
      const tables = newTables();
      tables.send('1', keyOf('e'), scalar(worker.charCodeAt(0)));
      return {
        worker,
        transport: new MemoryTransport((name) => (name === worker ? tables : undefined)),
      };
    });
    const [a, b] = sides as [(typeof sides)[0], (typeof sides)[0]];
    const routed = new RoutedTransport((worker) => (worker === 'a' ? a : b).transport);
    const values = await Promise.all(
      ['b', 'a'].map((worker) => routed.receive(requestOf('e', { worker }))),
    );
    expect(values.map((value) => value.item())).to.deep.equal([98, 97]);
    expect((await rejection(routed.receive(requestOf('e', { worker: 'c' })))).code).to.equal(
      'NAME_UNKNOWN',
    );
    await routed.close();
    expect((await rejection(a.transport.receive(requestOf('e', { worker: 'a' })))).code).to.equal(
      'UNAVAILABLE',
    );
    // One that was not used yet is not begun any more.
    expect((await rejection(routed.receive(requestOf('e', { worker: 'c' })))).code).to.equal(
      'UNAVAILABLE',
    );
  });
});
