import { buildRandomGraph, randomSteps } from '@tenon/conformance';
import {
  add,
  assign,
  decodePart,
  encodePart,
  GraphError,
  js,
  type Node,
  printNode,
  sum,
  type Tensor,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { lowerPart } from '../../src/lower/lower.js';
import type { DevicePart } from '../../src/placement/partition.js';
import { planRun } from '../../src/runtime/compile.js';
import { State } from '../../src/runtime/state.js';
import { randomRuns } from '../random-runs.js';

const names = ['js:0', 'js:1'];

/** The parts of a random graph that also sets a variable, on two devices. */
function partsOf(steps: Parameters<typeof buildRandomGraph>[0]): DevicePart[] {
  const { tensors, feeds } = buildRandomGraph(steps, names);
  const cell = withDevice('js:1', () => variable(1));
  const fetches = [...tensors, assign(cell, add(cell, sum(tensors.at(-1) as Tensor)))];
  const devices = names.map((_, index) => js({ index }));
  const state = new State(devices);
  state.allocate([cell]);
  const fed = new Map(
    [...feeds].map(([tensor]) => [tensor, tensor.shape as readonly number[]] as const),
  );
  return planRun({ fetches, feeds: fed, devices, state, optimise: true }).parts.map(
    ({ part }) => part,
  );
}

const printed = (nodes: readonly Node[]): string[] => {
  const numbers = new Map(nodes.map((node, i) => [node, i]));
  return nodes.map((node) => printNode(node, numbers));
};

describe('parts as bytes', () => {
  it('come back with the same nodes in the same order, and give the same program', () => {
    fc.assert(
      fc.property(randomSteps, (steps) => {
        for (const part of partsOf(steps)) {
          const read = decodePart(encodePart(part));
          expect(printed(read.nodes)).to.deep.equal(printed(part.nodes));
          const [program, expected] = [lowerPart(read), lowerPart(part)];
          expect(program.instructions.length).to.equal(expected.instructions.length);
          expect({ ...program, instructions: [], variables: [] }).to.deep.equal({
            ...expected,
            instructions: [],
            variables: [],
          });
        }
      }),
      randomRuns(40),
    );
  });

  it('are refused with a coded error, or read, when bytes are wrong or missing', () => {
    const parts = partsOf(fc.sample(randomSteps, { seed: 1, numRuns: 1 })[0] as never);
    const bytes = encodePart(parts[0] as DevicePart);
    const attempt = (broken: Uint8Array) => {
      try {
        decodePart(broken);
      } catch (error) {
        expect(error).to.be.instanceOf(GraphError);
      }
    };
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodePart(bytes.slice(0, length))).to.throw(GraphError);
      const changed = bytes.slice();
      changed[length] = (changed[length] as number) ^ 0x15;
      attempt(changed);
    }
  });
});
