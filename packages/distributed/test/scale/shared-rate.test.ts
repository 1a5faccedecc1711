import { VirtualClock } from '@tenon/distributed';
import { expect } from 'chai';
import fc from 'fast-check';
import { SharedRate } from '../../src/scale/cluster/shared-rate.js';

/** Times at which streams end that come to a resource of 10 bytes per second. */
function ends(streams: readonly (readonly [start: number, bytes: number])[]): number[] {
  const clock = new VirtualClock();
  const rate = new SharedRate(clock, 10);
  const times: number[] = [];
  for (const [i, [start, bytes]] of streams.entries()) {
    clock.schedule(start, () =>
      rate.add(bytes, () => {
        times[i] = clock.now;
      }),
    );
  }
  while (clock.step());
  return times.map((time) => Number(time.toFixed(9)));
}

describe('SharedRate', () => {
  it('streams share the rate equally while they are there', () => {
    const cases: [Parameters<typeof ends>[0], number[]][] = [
      [[[1, 20]], [3]],
      [
        [
          [0, 20],
          [0, 20],
        ],
        [4, 4],
      ],
      // The second halves the rate of the first from 1 on; once it is done the first has the whole again.
      [
        [
          [0, 30],
          [1, 5],
        ],
        [3.5, 2],
      ],
      // A long one that comes to a short one.
      [
        [
          [0, 10],
          [0.5, 100],
        ],
        [1.5, 11],
      ],
      // An idle time in between.
      [
        [
          [0, 10],
          [5, 10],
        ],
        [1, 6],
      ],
    ];
    for (const [streams, times] of cases) expect(ends(streams)).to.deep.equal(times);
  });

  it('never rests while there is a stream: all are done when their bytes have passed', () => {
    const stream = fc.tuple(
      fc.double({ min: 0, max: 3, noNaN: true }),
      fc.integer({ min: 1, max: 50 }),
    );
    fc.assert(
      fc.property(fc.array(stream, { minLength: 1, maxLength: 12 }), (streams) => {
        let busy = 0;
        for (const [start, bytes] of [...streams].sort((a, b) => a[0] - b[0])) {
          busy = Math.max(busy, start) + bytes / 10;
        }
        expect(Math.max(...ends(streams))).to.be.closeTo(busy, 1e-6);
      }),
    );
  });

  it('counts the time in which it is busy', () => {
    const clock = new VirtualClock();
    const rate = new SharedRate(clock, 10);
    for (const start of [0, 5]) clock.schedule(start, () => rate.add(10, () => {}));
    while (clock.step());
    expect(rate.busy).to.be.closeTo(2, 1e-9);
  });

  it('comes to its end far from time 0, where little time is lost in rounding', () => {
    const clock = new VirtualClock();
    const rate = new SharedRate(clock, 1e12);
    let left = 0;
    clock.schedule(1e6, () => {
      for (const bytes of [1, 3, 1e-3, 7]) {
        left++;
        rate.add(bytes, () => {
          left--;
        });
      }
    });
    for (let events = 0; clock.step(); events++) expect(events).to.be.below(100);
    expect(left).to.equal(0);
  });
});
