import { type ComputeTime, SeededRandom, VirtualClock } from '@tenon/distributed';
import { expect } from 'chai';
import { drawComputeTime } from '../../src/scale/cluster/compute-time.js';
import { Host } from '../../src/scale/cluster/host.js';
import { messageBytes, sizedArithmetic } from '../../src/scale/cluster/sized-parameters.js';
import { Wire } from '../../src/scale/cluster/wire.js';
import { freeCosts } from './free-costs.js';

describe('hosts and wires', () => {
  /** Two hosts; the receiving one notes what it got, and when. */
  function two(costs: { requestTime?: number; transferTimePerByte?: number; bandwidth?: number }) {
    const clock = new VirtualClock();
    const got: [string, number][] = [];
    const options = { clock, bandwidth: 100, requestTime: 0, transferTimePerByte: 0, ...costs };
    const from = new Host({ ...options, receive: () => {} });
    const to = new Host({
      ...options,
      receive: (message) => {
        got.push([message as string, Number(clock.now.toFixed(9))]);
        if (message === 'slow') to.work(2);
      },
    });
    const wire = new Wire(clock, 0.5);
    return { clock, got, wire, hosts: { from, to } };
  }

  it('a thread does one thing after the other, in order of arrival', () => {
    const { clock, got, wire, hosts } = two({ requestTime: 1 });
    for (const message of ['slow', 'next', 'last']) wire.carry(message, 0, hosts);
    while (clock.step());
    // Written at 1, 2, 3; `slow` keeps the receiver for a message's time and two more.
    expect(got).to.deep.equal([
      ['slow', 1.5],
      ['next', 4.5],
      ['last', 5.5],
    ]);
    expect(hosts.to.busy).to.equal(5);
  });

  it('a large message takes the time of the slowest of interfaces and threads that move bytes', () => {
    const { clock, got, wire, hosts } = two({ bandwidth: 10_000 });
    wire.carry('stream', 10_000, hosts);
    const slower = two({ bandwidth: 10_000, transferTimePerByte: 1 / 5000 });
    slower.wire.carry('stream', 10_000, slower.hosts);
    while (clock.step());
    while (slower.clock.step());
    expect([got, slower.got]).to.deep.equal([[['stream', 1.5]], [['stream', 2.5]]]);
  });

  it('a small message does not wait for streams', () => {
    const { clock, got, wire, hosts } = two({ bandwidth: 10_000 });
    wire.carry('stream', 10_000, hosts);
    wire.carry('small', 1000, hosts);
    while (clock.step());
    expect(got.map(([message]) => message)).to.deep.equal(['small', 'stream']);
    expect(got[0]?.[1]).to.equal(0.6);
  });
});

describe('drawComputeTime', () => {
  const random = new SeededRandom(3);
  const draws = (time: ComputeTime): number[] =>
    Array.from({ length: 20_000 }, () => drawComputeTime(time, random)).sort((a, b) => a - b);

  it('is log-normal: median and quartiles', () => {
    const sorted = draws({ median: 2, spread: 0.5 });
    const at = (share: number) => sorted[Math.floor(share * sorted.length)] as number;
    expect(at(0.5)).to.be.closeTo(2, 0.05);
    expect(at(0.75)).to.be.closeTo(2 * Math.exp(0.5 * 0.6745), 0.07);
  });

  it('has a tail of the probability, least factor and exponent asked for', () => {
    const tail = { probability: 0.2, factor: 3, shape: 2 };
    const sorted = draws({ median: 1, spread: 0, tail });
    const beyond = (x: number) => sorted.filter((time) => time >= x).length / sorted.length;
    expect(beyond(1.01)).to.be.closeTo(0.2, 0.01);
    expect(beyond(2.99)).to.be.closeTo(0.2, 0.01);
    expect(beyond(6)).to.be.closeTo(0.05, 0.01);
  });
});

describe('sizes in place of parameters', () => {
  const sizes = { dense: 100, table: 1000, rows: 50, rowIds: 8 };

  it('time is taken for what the shard does', () => {
    const cases = {
      copyTimePerByte: (work: ReturnType<typeof sizedArithmetic>) => [
        work.copy(7),
        work.read(1100),
      ],
      sumTimePerByte: (work: ReturnType<typeof sizedArithmetic>) => [
        work.apply(0, [150, 150], share),
      ],
      updateTimePerByte: (work: ReturnType<typeof sizedArithmetic>) => [
        work.apply(0, [150, 150], share),
      ],
    };
    const share = { divisor: 1, scale: 1, version: 0 };
    const times = Object.entries(cases).map(([cost, run]) => {
      let time = 0;
      const costs = { ...freeCosts, [cost]: 1 };
      run(
        sizedArithmetic(sizes, costs, (seconds) => {
          time += seconds;
        }),
      );
      return Number(time.toFixed(6));
    });
    // 1000 (1 - 0.95^2) bytes of rows are distinct.
    expect(times).to.deep.equal([7 + 150, 300, 100 + 97.5]);
  });

  it('messages are as large as what they carry', () => {
    const place = { group: 0, round: 0, shared: false };
    const pull = { kind: 'pull', worker: 0, generation: 0, request: 0, place } as const;
    const pulled = { kind: 'pulled', shard: 0, generation: 0, request: 0, version: 0 } as const;
    const bytes = [pull, { ...pulled, parameters: 150 }].map((m) => messageBytes(m, sizes));
    expect(bytes).to.deep.equal([108, 250]);
  });
});
