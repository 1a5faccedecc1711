import { buildRandomGraph, randomSteps } from '@tenon/conformance';
import {
  add,
  assign,
  constant,
  exp,
  group,
  js,
  mul,
  type Node,
  neg,
  placeholder,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import type { DevicePart } from '../../src/placement/partition.js';
import { planRun } from '../../src/runtime/compile.js';
import { State } from '../../src/runtime/state.js';
import { randomRuns } from '../random-runs.js';

const devices = [0, 1, 2].map((index) => js({ index }));

function planned(steps: Parameters<typeof buildRandomGraph>[0]) {
  const { feeds, tensors } = buildRandomGraph(
    steps,
    devices.map(({ name }) => name),
  );
  const shapes = new Map(feeds.map(([tensor]) => [tensor, [2, 3]]));
  return planRun({
    fetches: tensors,
    feeds: shapes,
    devices,
    state: new State(devices),
    optimise: false,
  });
}

const named = (nodes: readonly Node[], name: string) => nodes.filter(({ op }) => op.name === name);
const keys = (nodes: readonly Node[]) => nodes.map(({ attrs }) => attrs.key as string).sort();
const counted = (nodes: readonly Node[]) =>
  nodes
    .map(({ op }) => op.name)
    // Constants are in every part that uses them.
    .filter((name) => !['send', 'receive', 'constant'].includes(name))
    .sort();

describe('partition', () => {
  it('adds nothing but sends and receives, whose keys are pairs', () => {
    fc.assert(
      fc.property(randomSteps, (steps) => {
        const { nodes, parts } = planned(steps);
        const all = parts.flatMap(({ part }) => part.nodes);
        expect(counted(all)).to.deep.equal(counted(nodes));
        const sent = keys(named(all, 'send'));
        expect(sent).to.deep.equal(keys(named(all, 'receive')));
        expect(new Set(sent).size).to.equal(sent.length);
      }),
      randomRuns(60),
    );
  });

  it('gives parts in which everything comes after what it needs, that never wait for each other in a circle', () => {
    fc.assert(
      fc.property(randomSteps, (steps) => {
        const parts = planned(steps).parts.map(({ part }) => part);
        for (const part of parts) expect(misplaced(part)).to.deep.equal([]);
        expect(stuck(parts)).to.deep.equal([]);
      }),
      randomRuns(60),
    );
  });

  it('sends no constants, and of what is wanted for its effects only an empty tensor', () => {
    const state = new State(devices);
    const v = withDevice('js:1', () => variable(new Float32Array(100)));
    const c = constant([1, 2, 3]);
    const fetches = [
      group([assign(v, add(v, 1))]),
      withDevice('js:1', () => mul(c, 2)),
      withDevice('js:2', () => mul(c, 3)),
    ];
    const { parts } = planRun({ fetches, feeds: new Map(), devices, state, optimise: false });
    const sends = parts.flatMap(({ part }) => named(part.nodes, 'send'));
    const sizes = sends.map(({ inputs: [x] }) => x?.size).sort((a, b) => Number(a) - Number(b));
    // The variable to the sum on js:0, the sum back, and the end of its update.
    expect(sizes).to.deep.equal([0, 100, 100]);
  });

  it('signals the end of all effects of a device at once, as soon as the last has run', () => {
    const state = new State(devices);
    const own = [1, 2, 1, 2, 1].map((i) =>
      withDevice(`js:${i}`, () => assign(variable([1, 2]), constant([3, 4]))),
    );
    const last = withDevice('js:1', () => exp(exp(variable([1]))));
    const done = withDevice('js:0', () => group(own));
    const fetches = [done, last];
    const { parts } = planRun({ fetches, feeds: new Map(), devices, state, optimise: false });
    const names = parts.map(
      ({ part }) => [part.device, part.nodes.map(({ op }) => op.name)] as const,
    );
    for (const device of ['js:1', 'js:2']) {
      const own = names.find(([name]) => name === device)?.[1] ?? [];
      expect(own.filter((name) => name === 'send')).to.have.length(1);
      expect(own.indexOf('send')).to.equal(own.lastIndexOf('assign') + 2);
    }
    expect(new Map(names).get('js:0')?.filter((name) => name === 'receive')).to.have.length(2);
  });

  it('sends a value as soon as it is made', () => {
    const state = new State(devices);
    const x = placeholder({ shape: [3] });
    const early = exp(x);
    const late = exp(exp(exp(mul(x, 2))));
    const other = withDevice('js:1', () => neg(early));
    const { parts } = planRun({
      fetches: [early, late, other],
      feeds: new Map([[x, [3]]]),
      devices,
      state,
      optimise: false,
    });
    const names = parts[0]?.part.nodes.map(({ op }) => op.name) ?? [];
    expect(names.indexOf('send')).to.equal(names.indexOf('exp') + 1);
  });

  it('sends a value once to each device that uses it', () => {
    fc.assert(
      fc.property(randomSteps, (steps) => {
        for (const { part } of planned(steps).parts) {
          const sends = named(part.nodes, 'send').map(({ inputs: [x], attrs }) => [
            x,
            (attrs.key as string).split(';')[1],
          ]);
          sends.forEach(([x, to], i) => {
            expect(sends.slice(i + 1).some(([other, also]) => other === x && also === to)).to.equal(
              false,
            );
          });
        }
      }),
      randomRuns(30),
    );
  });
});

/** Nodes of a part that come before something that they need. */
function misplaced({ nodes, inputs }: DevicePart): string[] {
  const before = new Set<Node>(inputs.map(({ node }) => node));
  return nodes.flatMap((node) => {
    const ready = [...node.inputs.map((input) => input.node), ...node.controls].every((needed) =>
      before.has(needed),
    );
    before.add(node);
    return ready ? [] : [node.where];
  });
}

/** What is left when all parts have gone as far as they can, each waiting at its first receive without a send. */
function stuck(parts: readonly DevicePart[]): string[] {
  const queues = parts.map(({ nodes }) => [...nodes]);
  const sent = new Set<unknown>();
  for (let moved = true; moved; ) {
    moved = false;
    for (const queue of queues) {
      for (let [node] = queue; node; [node] = queue) {
        if (node.op.name === 'receive' && !sent.has(node.attrs.key)) break;
        if (node.op.name === 'send') sent.add(node.attrs.key);
        queue.shift();
        moved = true;
      }
    }
  }
  return queues.flat().map(({ where }) => where);
}
