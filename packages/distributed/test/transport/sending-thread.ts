import { type MessagePort, workerData } from 'node:worker_threads';
import { HostTensor } from '@tenon/core';
import { ThreadServer } from '../../src/transport/threads/thread-server.js';
import { keyOf, newTables, ramp } from './setup.js';

/** A thread that sends a few tensors and then lives until it is ended. */
const tables = newTables();
tables.send('1', keyOf('a'), ramp(100_000));
tables.send('1', keyOf('b'), new HostTensor(new BigInt64Array([7n]), [], 'int64'));
new ThreadServer((workerData as { port: MessagePort }).port, tables);
