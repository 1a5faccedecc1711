import { hostTensor } from '@tenon/core';
import { expect } from 'chai';
import {
  formatKey,
  parseKey,
  RendezvousTables,
  StepRendezvous,
} from '../../src/rendezvous/index.js';
import { ManualClock } from './manual-clock.js';
import { rejection } from './rejection.js';

const worker = '/job:ps/replica:0/task:0';
const incarnation = '17';
const keyOf = (edge: string, sourceIncarnation = incarnation) =>
  formatKey({
    sourceDevice: `${worker}/device:js:0`,
    sourceIncarnation,
    destinationDevice: '/job:worker/replica:0/task:0/device:js:0',
    edge,
    frame: 0,
    iteration: 0,
  });
const scalar = (value: number) => hostTensor(value, { shape: [] });

describe('rendezvous keys', () => {
  it('are read as they were written', () => {
    const key = {
      sourceDevice: 'a',
      sourceIncarnation: '5',
      destinationDevice: 'b',
      edge: 'matMul:0',
      frame: 2,
      iteration: 30,
    };
    expect(formatKey(key)).to.equal('a;5;b;matMul:0;2:30');
    expect(parseKey(formatKey(key))).to.deep.equal(key);
  });

  for (const text of [
    '',
    'a;1;b;c',
    'a;1;b;c;0',
    'a;1;b;c;0:x',
    'a;;b;c;0:0',
    'a;1;b;c;0:0;d',
    'x'.repeat(5000),
  ])
    it(`refuse '${text.slice(0, 20)}'`, () => {
      expect(() => parseKey(text)).to.throw(/FORMAT_INVALID/);
    });

  it('refuse parts that hold a semicolon', () => {
    expect(() => keyOf('a;b')).to.throw(/ATTRIBUTE_INVALID/);
  });
});

describe('StepRendezvous', () => {
  const clock = new ManualClock();
  const table = () => new StepRendezvous({ worker, incarnation, clock });
  const key = keyOf('e');

  it('gives a value to whoever comes, before or after it, in the order of arrival', async () => {
    const step = table();
    const early = [step.receive(key), step.receive(key)];
    for (const value of [1, 2, 3, 4]) step.send(key, scalar(value));
    const values = await Promise.all([...early, step.receive(key), step.receive(key)]);
    expect(values.map((value) => value.item())).to.deep.equal([1, 2, 3, 4]);
    expect(step.open).to.deep.equal([]);
  });

  it('fails those who wait and those who come when it is aborted, with the first reason', async () => {
    const step = table();
    const waits = rejection(step.receive(key));
    step.send(keyOf('other'), scalar(1));
    step.abort(new Error('first'));
    step.abort(new Error('second'));
    expect((await waits).message).to.equal('Error: first');
    expect((await rejection(step.receive(keyOf('other')))).message).to.equal('Error: first');
    expect(() => step.send(key, scalar(1))).to.throw('first');
    expect(step.open).to.deep.equal([]);
  });

  it('refuses a key of another incarnation and says that the worker was restarted', async () => {
    const { code, message } = await rejection(table().receive(keyOf('e', '16')));
    expect(code).to.equal('ABORTED');
    expect(message).to.match(
      /incarnation 16 of worker \/job:ps\/replica:0\/task:0, which is now 17: .*restarted/,
    );
  });

  it('ends a wait at its deadline, naming key and worker, and keeps the value for the next', async () => {
    const step = table();
    const late = rejection(step.receive(key, { deadline: clock.now() + 250 }));
    clock.advance(249);
    expect(step.open).to.deep.equal([key]);
    clock.advance(1);
    expect(await late).to.deep.include({ code: 'DEADLINE_EXCEEDED' });
    expect((await late).message).to.contain(
      `${key} of worker ${worker} did not arrive within 250 ms`,
    );
    step.send(key, scalar(7));
    expect((await step.receive(key)).item()).to.equal(7);
    expect(clock.waiting).to.equal(0);
  });

  it('ends a wait that is cancelled and leaves neither waiter nor timer', async () => {
    const step = table();
    const abort = new AbortController();
    const wait = { deadline: clock.now() + 1000, signal: abort.signal };
    const cancelled = rejection(step.receive(key, wait));
    abort.abort();
    expect((await cancelled).code).to.equal('RUN_ABORTED');
    expect((await rejection(step.receive(key, wait))).code).to.equal('RUN_ABORTED');
    expect([step.open, clock.waiting]).to.deep.equal([[], 0]);
  });
});

describe('RendezvousTables', () => {
  const key = keyOf('e');
  const tablesAt = (clock: ManualClock) =>
    new RendezvousTables({ worker, incarnation, clock, timeToLive: 1000, remembered: 100 });

  it('keeps steps apart', async () => {
    const tables = tablesAt(new ManualClock());
    tables.send('1', key, scalar(1));
    tables.send('2', key, scalar(2));
    const values = await Promise.all(['2', '1'].map((step) => tables.take({ step, key })));
    expect(values.map(({ value }) => value.item())).to.deep.equal([2, 1]);
  });

  it('fails late callers of a step that has ended instead of letting them wait', async () => {
    const tables = tablesAt(new ManualClock());
    tables.send('1', key, scalar(1));
    tables.end('1');
    expect((await rejection(tables.take({ step: '1', key }))).message).to.match(
      /step 1 .* has ended/,
    );
    expect(() => tables.send('1', key, scalar(1))).to.throw(/has ended/);
  });

  it('gives a step up that nobody used for its time to live', async () => {
    const clock = new ManualClock();
    const tables = tablesAt(clock);
    const wait = rejection(tables.take({ step: '1', key }));
    clock.advance(900);
    tables.send('1', keyOf('other'), scalar(1));
    clock.advance(900);
    expect(tables.counts.running).to.equal(1);
    clock.advance(100);
    expect((await wait).message).to.match(/not used for 1000 ms; its master probably vanished/);
    clock.advance(100);
    expect([tables.counts, clock.waiting]).to.deep.equal([{ running: 0, entries: 0, ended: 0 }, 0]);
  });

  it('forgets the end of a step in time although another step runs on', () => {
    const clock = new ManualClock();
    const tables = tablesAt(clock);
    tables.step('runs');
    tables.end('ends');
    clock.advance(100);
    expect(tables.counts).to.deep.equal({ running: 1, entries: 0, ended: 0 });
  });

  it('is left with nothing after 1,000 aborted steps', async () => {
    const clock = new ManualClock();
    const tables = tablesAt(clock);
    const ends: Promise<{ code: string }>[] = [];
    for (let i = 0; i < 1000; i++) {
      const step = String(i);
      tables.send(step, keyOf('sent'), scalar(1));
      ends.push(rejection(tables.take({ step, key, deadline: clock.now() + 60_000 })));
      tables.abort(step, new Error('stopped'));
      clock.advance(1);
    }
    expect(new Set((await Promise.all(ends)).map(({ code }) => code))).to.deep.equal(
      new Set(['other']),
    );
    expect(tables.counts.running).to.equal(0);
    clock.advance(100);
    expect([tables.counts, clock.waiting]).to.deep.equal([{ running: 0, entries: 0, ended: 0 }, 0]);
  });

  it('fails everything once it is closed', async () => {
    const clock = new ManualClock();
    const tables = tablesAt(clock);
    const wait = rejection(tables.take({ step: '1', key, deadline: 50 }));
    tables.close();
    expect((await wait).code).to.equal('UNAVAILABLE');
    expect((await rejection(tables.take({ step: '2', key }))).code).to.equal('UNAVAILABLE');
    expect([tables.counts, clock.waiting]).to.deep.equal([{ running: 0, entries: 0, ended: 0 }, 0]);
  });
});
