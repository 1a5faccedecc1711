import {
  adam,
  add,
  fill,
  gather,
  group,
  js,
  matMul,
  mean,
  mul,
  placeholder,
  randomNormal,
  randomUniform,
  relu,
  sizeOf,
  square,
  sub,
  type Tensor,
  type Variable,
  type VariableLayout,
  variable,
} from '@tenon/core';
import { expect } from 'chai';
import { type Plan, planRun } from '../../src/runtime/compile.js';
import { State } from '../../src/runtime/state.js';

const devices = [0, 1].map((index) => js({ index }));
const over = ['js:0', 'js:1'];
const bytesOfFloat = 4;

interface Traffic {
  /** Bytes that devices send each other in a run. */
  readonly bytes: number;
  readonly transfers: number;
  /** The largest tensor that is computed or received anywhere. */
  readonly largest: number;
}

/** What a run sends from device to device. */
function traffic(
  fetches: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, readonly number[]>,
  layouts: ReadonlyMap<Variable, VariableLayout>,
  optimise = true,
): Traffic {
  const state = stateOf(layouts);
  return sent(planRun({ fetches, feeds, devices, state, optimise }));
}

/** What it takes to set variables to their initial values. */
function initially(layouts: ReadonlyMap<Variable, VariableLayout>): Traffic {
  const state = stateOf(layouts);
  const sets = state
    .stored([...layouts.keys()])
    .map((own) => ({ variable: own, value: own.initial }));
  const feeds = new Map<Tensor, readonly number[]>();
  return sent(planRun({ fetches: [], feeds, sets, devices, state, optimise: true }));
}

function stateOf(layouts: ReadonlyMap<Variable, VariableLayout>): State {
  const state = new State(devices);
  for (const [own, layout] of layouts) state.place(own, layout);
  return state;
}

function sent({ parts }: Plan): Traffic {
  const nodes = parts.flatMap(({ part }) => part.nodes);
  const sizes = (all: typeof nodes) =>
    all.flatMap(({ outputs }) => outputs.map(({ shape }) => sizeOf(shape) * bytesOfFloat));
  const received = sizes(nodes.filter(({ op }) => op.name === 'receive'));
  return {
    bytes: received.reduce((total, bytes) => total + bytes, 0),
    transfers: received.length,
    largest: Math.max(...sizes(nodes.filter(({ op }) => op.role !== 'variable'))),
  };
}

const weight = (name: string, shape: number[]) => variable(fill({ value: 0.5, shape }), { name });

/** A step of Adam on rows of a table that are looked up. */
function lookup(rows: number, options: { optimise?: boolean } = {}): Traffic {
  const [batch, width] = [16, 8];
  const table = weight('table', [rows, width]);
  const ids = placeholder({ shape: [null], dtype: 'int32' });
  const loss = mean(square(sub(gather(table, ids), 1)));
  const step = adam().minimize(loss, [table]);
  const feeds = new Map([[ids, [batch]]]);
  return traffic([loss, step], feeds, new Map([[table, { axis: 0, over }]]), options.optimise);
}

describe('what a step sends between devices', () => {
  it('is the rows that are looked up and their gradients, however large a table in pieces of rows', () => {
    const [small, large] = [lookup(1000), lookup(100_000)];
    const rows = 16 * 8 * bytesOfFloat;
    // Rows one way, gradients the other, and the factor of the learning rate.
    expect(small).to.include({ bytes: 2 * rows + bytesOfFloat, transfers: 4 });
    expect(large).to.include({ bytes: small.bytes, transfers: small.transfers });
    expect(large.largest).to.equal((100_000 / 2) * 8 * bytesOfFloat);
  });

  it('would be the table and its state without the pass', () => {
    const table = 1000 * 8 * bytesOfFloat;
    expect(lookup(1000, { optimise: false }).bytes).to.be.above(2 * table);
  });

  it('is one sum where a layer in pieces of columns feeds one in pieces of rows', () => {
    const [batch, inside, hidden, outside] = [4, 64, 256, 32];
    const w = weight('w', [inside, hidden]);
    const b = weight('b', [hidden]);
    const v = weight('v', [hidden, outside]);
    const x = placeholder({ shape: [null, inside] });
    const h = relu(add(matMul(x, w), b));
    const loss = mean(square(matMul(h, v)));
    const step = adam().minimize(loss, [w, b, v]);
    const layouts = new Map<Variable, VariableLayout>([
      [w, { axis: 1, over }],
      [b, { axis: 0, over }],
      [v, { axis: 0, over }],
    ]);
    const sent = traffic([loss, step], new Map([[x, [batch, inside]]]), layouts);
    // The terms of the product one way, its gradient the other, and the factor of the learning rate.
    const product = batch * outside * bytesOfFloat;
    expect(sent).to.include({ bytes: 2 * product + bytesOfFloat, transfers: 4 });
  });

  it('is a gradient, not a variable and its state, where a variable lies elsewhere', () => {
    const w = weight('w', [64, 32]);
    const x = placeholder({ shape: [null, 64] });
    const loss = mean(square(matMul(x, w)));
    const step = adam().minimize(loss, [w]);
    const layouts = new Map([[w, { over: ['js:1'] }]]);
    const sent = traffic([group([step])], new Map([[x, [128, 64]]]), layouts);
    // The variable to where it is used, its gradient back.
    expect(sent.bytes).to.be.within(
      2 * 64 * 32 * bytesOfFloat,
      2 * 64 * 32 * bytesOfFloat + 2 * bytesOfFloat,
    );
  });

  const starts = {
    'random numbers': () => randomUniform({ shape: [1001, 3], seed: 1 }),
    'normal ones': () => mul(randomNormal({ shape: [1001, 3], seed: 1 }), 0.1),
    'equal ones': () => fill({ shape: [1001, 3], value: 1 }),
  };
  for (const [name, start] of Object.entries(starts)) {
    it(`is nothing at first: each device draws its own piece of ${name}`, () => {
      const layouts = new Map([[variable(start()), { axis: 0, over }]]);
      const { bytes, largest } = initially(layouts);
      // A source of random numbers may give two words for an element, and one before the first.
      expect([bytes, largest <= (2 * 501 * 3 + 1) * bytesOfFloat]).to.deep.equal([0, true]);
    });
  }
});
