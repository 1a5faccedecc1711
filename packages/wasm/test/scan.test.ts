import {
  add,
  hostTensor,
  js,
  mul,
  placeholder,
  Session,
  scan,
  type Tensor,
  tanh,
} from '@tenon/core';
import { wasm } from '@tenon/wasm';
import { expect } from 'chai';

type Body = (
  state: readonly Tensor[],
  row: Tensor,
) => { carry: readonly Tensor[]; outputs: readonly Tensor[] };

const next = (h: Tensor, row: Tensor) => tanh(add(mul(h, 0.5), row));

/** Bodies whose state is stacked in each way that there is. */
const bodies: Record<string, Body> = {
  'that is not stacked': ([a, b], row) => ({
    carry: [next(a as Tensor, row), next(b as Tensor, a as Tensor)],
    outputs: [mul(row, 2)],
  }),
  'stacked as it was before each turn': ([a, b], row) => ({
    carry: [next(a as Tensor, row), next(b as Tensor, a as Tensor)],
    outputs: [b as Tensor, a as Tensor, a as Tensor],
  }),
  'stacked as it is after each turn': ([a, b], row) => {
    const [c, d] = [next(a as Tensor, row), next(b as Tensor, a as Tensor)];
    return { carry: [c, d], outputs: [d, row, c, d] };
  },
  'stacked both ways': ([a, b], row) => {
    const c = next(a as Tensor, row);
    return { carry: [c, c], outputs: [c, a as Tensor, b as Tensor] };
  },
  'that changes places, or stays': ([a, b], row) => ({
    carry: [b as Tensor, a as Tensor],
    outputs: [add(a as Tensor, row), b as Tensor, a as Tensor],
  }),
};

const floats = (from: number, ...shape: number[]) =>
  hostTensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + from)),
    { shape },
  );

describe('a scan in a module', () => {
  const sessions: Session[] = [];
  before(() => {
    const devices = [js(), wasm({ threads: 1 }), wasm({ threads: 2 })];
    sessions.push(...devices.map((device) => new Session({ devices: [device] })));
  });
  after(() => Promise.all(sessions.map((session) => session.close())));

  for (const [name, body] of Object.entries(bodies)) {
    it(`gives what the interpreter gives, for state ${name}`, async () => {
      for (const length of [0, 1, 2, 3, 4]) {
        for (const reverse of [false, true]) {
          const [rows, a, b] = [
            placeholder({ shape: [length, 3, 7] }),
            placeholder({ shape: [3, 7] }),
            placeholder({ shape: [3, 7] }),
          ];
          const { carry, outputs } = scan((state, [row]) => body(state, row as Tensor), {
            initial: [a, b],
            sequences: [rows],
            reverse,
          });
          const feeds = [
            [rows, floats(1, length, 3, 7)],
            [a, floats(2, 3, 7)],
            [b, floats(50, 3, 7)],
          ] as const;
          const found = await Promise.all(
            sessions.map((session) => session.run([...carry, ...outputs], { feeds })),
          );
          const [expected, ...others] = found.map((values) =>
            values.map(({ data }) => Array.from(data, Number)),
          );
          for (const values of others)
            values.forEach((value, i) =>
              value.forEach((element, j) => {
                expect(element).to.be.closeTo(expected?.[i]?.[j] as number, 1e-6);
              }),
            );
          expect(others[0]).to.deep.equal(others[1]);
        }
      }
    });
  }
});
