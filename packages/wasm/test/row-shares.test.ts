import {
  add,
  type Device,
  gradients,
  hostTensor,
  matMul,
  mul,
  type Program,
  placeholder,
  Session,
  scan,
  sigmoid,
  split,
  square,
  sum,
  type Tensor,
  tanh,
} from '@tenon/core';
import { wasm } from '@tenon/wasm';
import { expect } from 'chai';
import { Hazards } from '../src/program/hazards.js';
import type { KernelInstruction } from '../src/program/kernel-table.js';
import type { Range } from '../src/program/place.js';
import { rowLocal } from '../src/program/row-local.js';

const units = 24;

/** A long short-term memory and its gradients: `batch` sequences of 7 words. */
function net(batch: number) {
  const x = placeholder({ shape: [7, batch, 4 * units] });
  const w = placeholder({ shape: [units, 4 * units] });
  const start = placeholder({ shape: [batch, units] });
  const { carry, outputs } = scan(
    ([h, c], [row]) => {
      const sums = add(row as Tensor, matMul(h as Tensor, w));
      const gates = split(sums, { sizes: 4, axis: -1 }) as [Tensor, Tensor, Tensor, Tensor];
      const [i, f, g, o] = gates;
      const next = add(mul(sigmoid(f), c as Tensor), mul(sigmoid(i), tanh(g)));
      const made = mul(sigmoid(o), tanh(next));
      return { carry: [made, next], outputs: [made] };
    },
    { initial: [start, start], sequences: [x] },
  );
  const loss = sum(square(outputs[0] as Tensor));
  const wave = (from: number, ...shape: number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: size }, (_, i) => Math.sin(from + i) / 3);
    return hostTensor(values, { shape });
  };
  const feeds = [
    [x, wave(1, 7, batch, 4 * units)],
    [w, wave(2, units, 4 * units)],
    [start, wave(3, batch, units)],
  ] as const;
  return { fetches: [carry[0] as Tensor, ...gradients(loss, [x, w, start])], feeds };
}

const range = (rows?: number): Range => ({
  ...{ space: 0, from: 0, to: 4096 },
  ...(rows !== undefined && { rows }),
});

describe('rows that threads have', () => {
  it('need no barrier between kernels that share as many', () => {
    const waits = (before?: number, after?: number) => {
      const hazards = new Hazards();
      hazards.follows({ reads: [], writes: [range(before)], solo: false });
      return hazards.follows({ reads: [range(after)], writes: [], solo: false });
    };
    expect(waits(32, 32)).to.equal(false);
    expect(waits(32, 64)).to.equal(true);
    expect(waits(32)).to.equal(true);
    expect(waits(undefined, 32)).to.equal(true);
    expect(waits()).to.equal(true);
  });

  it('are those of all operands but the weights in each turn of a recurrent net', async () => {
    const device = wasm({ threads: 1 });
    const programs: Program[] = [];
    const compile = device.compile.bind(device);
    (device as { compile: Device['compile'] }).compile = (program, variables) => {
      programs.push(program);
      return compile(program, variables);
    };
    const session = new Session({ devices: [device] });
    const { fetches, feeds } = net(32);
    await session.run(fetches, { feeds });
    await session.close();
    const bodies = programs.flatMap(({ instructions }) =>
      instructions.flatMap((one) => (one.kind === 'region' ? one.programs : [])),
    );
    expect(bodies).to.have.length(2);
    const apart = bodies.flatMap(({ instructions, values }) =>
      instructions.flatMap((instruction) => {
        const numbers = [...instruction.inputs, ...instruction.outputs];
        const operands = numbers.map((number) => values[number] as Program['values'][number]);
        const local = rowLocal(instruction as KernelInstruction, 32, operands);
        return operands.filter((_, i) => !local[i]).map(({ shape }) => shape.join());
      }),
    );
    // The weights, and in the backward loop the weights transposed.
    expect(apart).to.have.members([`${units},${4 * units}`, `${4 * units},${units}`]);
  });

  for (const batch of [5, 32, 35, 50]) {
    it(`give the same bits for any number of threads: ${batch} rows`, async () => {
      const { fetches, feeds } = net(batch);
      const found: unknown[] = [];
      for (const threads of [1, 2, 3, 4]) {
        const session = new Session({ devices: [wasm({ threads })] });
        // Workers take some tens of milliseconds to start, and take part in the runs after that.
        await session.run(fetches, { feeds });
        if (threads > 1) await new Promise((resolve) => setTimeout(resolve, 150));
        for (let turn = 0; turn < (threads === 1 ? 1 : 30); turn++) {
          const values = await session.run(fetches, { feeds });
          found.push(
            values.map(({ data }) => Buffer.from(data.buffer.slice(0)).toString('base64')),
          );
        }
        await session.close();
      }
      for (const values of found) expect(values).to.deep.equal(found[0]);
    });
  }
});
