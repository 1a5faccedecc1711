/** The process that `transfers.ts` pulls from; the name of a step is the number of bytes wanted. */
import { HostTensor } from '@tenon/core';
import type { Pull } from '../../../src/rendezvous/index.js';
import { TensorServer } from '../../../src/transport/tcp/tensor-server.js';
import { self, sizes } from './transfers.js';

const tensors = new Map(
  sizes.map((bytes) => [
    String(bytes),
    new HostTensor(new Float32Array(bytes / 4).fill(1), [bytes / 4]),
  ]),
);
const source = {
  take: async ({ step }: Pull) => ({ value: tensors.get(step) as HostTensor }),
};
const { address } = await TensorServer.listen({ self, source });
process.send?.({ port: address.port });
process.on('disconnect', () => process.exit());
