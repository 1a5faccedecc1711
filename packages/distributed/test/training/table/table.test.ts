import { GraphError } from '@tenon/core';
import { expect } from 'chai';
import { sumByRow } from '../../../src/training/table/row-values.js';
import { Table } from '../../../src/training/table/table.js';

const rows = 8;
const width = 2;
const all = Int32Array.from({ length: rows }, (_, i) => i);
const whole = (table: Table) => [...table.read(all, 0), ...table.read(all, 1)];

/** Numbers from 0 to 1 that follow from a seed. */
function numbers(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

describe('table', () => {
  it('behaves as plain copies do, whatever is copied, read and written in which order', () => {
    for (let seed = 0; seed < 50; seed++) {
      const next = numbers(seed);
      const pick = (count: number) => Math.floor(next() * count);
      const start = [new Float32Array(rows * width), new Float32Array(rows * width).fill(1)];
      const pairs = [{ table: new Table(start, width), plain: start.map((part) => part.slice()) }];
      for (let turn = 0; turn < 40; turn++) {
        const { table, plain } = pairs[pick(pairs.length)] as (typeof pairs)[0];
        if (next() < 0.3) {
          pairs.push({ table: table.copy(), plain: plain.map((part) => part.slice()) });
          continue;
        }
        const chosen = Int32Array.from(new Set([pick(rows), pick(rows), pick(rows)]));
        const parts = plain.map(() => Float32Array.from({ length: chosen.length * width }, next));
        table.write(chosen, parts);
        chosen.forEach((row, i) => {
          parts.forEach((part, p) => {
            plain[p]?.set(part.subarray(i * width, (i + 1) * width), row * width);
          });
        });
        for (const pair of pairs)
          expect(whole(pair.table), `seed ${seed}`).to.deep.equal(
            pair.plain.flatMap((p) => [...p]),
          );
      }
    }
  });

  it('refuses rows that it does not have', () => {
    const table = new Table([new Float32Array(rows * width)], width);
    const wrong = Int32Array.of(1, rows);
    const message = `row ${rows} of a table of ${rows}`;
    expect(() => table.read(wrong, 0)).to.throw(GraphError, message);
    expect(() => table.write(wrong, [new Float32Array(2 * width)])).to.throw(GraphError, message);
    expect([...table.read(Int32Array.of(1), 0)]).to.deep.equal([0, 0]);
  });
});

describe('sumByRow', () => {
  it('adds up rows that occur more than once, in one part and in several', () => {
    const one = { rows: Int32Array.of(3, 1, 3), values: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const other = { rows: Int32Array.of(0, 1), values: Float32Array.of(10, 20, 30, 40) };
    const { rows: found, values } = sumByRow([one, other], 2);
    expect([[...found], [...values]]).to.deep.equal([
      [3, 1, 0],
      [6, 8, 33, 44, 10, 20],
    ]);
  });
});
