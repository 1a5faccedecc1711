import { allOps, HostTensor, js } from '@tenon/core';
import { expect } from 'chai';
import type { Channel, Packet } from '../../src/training/channel/channel.js';
import { channelPair, closedChannel } from '../../src/training/channel/memory-channel.js';
import { TrainingTasks } from '../../src/training/task/training-tasks.js';

const open = {
  kind: 'open',
  training: 'a',
  role: { role: 'shard', shard: 0, parameters: ['p0'], state: ['p0'], maxStaleness: 0 },
};

/** What a task does with these messages: what it says, and whether it closes the channel. */
async function said(...messages: readonly (object | null)[]): Promise<(Packet | 'closed')[]> {
  const tasks = new TrainingTasks({
    name: 'task',
    devices: [js()],
    dial: closedChannel,
    ops: allOps,
  });
  const [here, there]: readonly [Channel, Channel] = channelPair();
  tasks.accept(there);
  const heard: (Packet | 'closed')[] = [];
  here.listen({
    packet: (packet) => void heard.push(packet),
    closed: () => void heard.push('closed'),
  });
  const bytes = new HostTensor(Uint8Array.of(1, 2, 3), [3], 'uint8');
  for (const message of messages) here.send(message as object, [bytes]);
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  tasks.close();
  return heard;
}

describe('a task of training', () => {
  for (const [what, message] of Object.entries({
    null: null,
    'a number': 3,
    'an unknown kind': { kind: 'shutdown' },
    'a field too many': { kind: 'end', now: true },
    'a role that does not exist': { ...open, role: { role: 'admin' } },
    'a shard that nobody opened': { kind: 'attach', training: 'b', worker: 0 },
    'a start before it is opened': { kind: 'start', run: 0, incarnation: 0, retryMs: 5, runs: 0 },
  })) {
    it(`closes the channel on ${what}`, async () => {
      expect(await said(message as object)).to.deep.equal(['closed']);
    });
  }

  it('says what is wrong with a graph', async () => {
    const [first] = await said(open);
    expect((first as Packet).body).to.include({ kind: 'failed', code: 'FORMAT_INVALID' });
  });
});
