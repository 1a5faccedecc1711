import {
  applied,
  buildRandomGraph,
  derivative,
  drawInputs,
  dtypesOf,
  inputDType,
  opTable,
  randomSteps,
  seededRandom,
} from '@tenon/conformance';
import { allOps, decodeGraph, encodeGraph, Session, type Tensor } from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { specialise } from '../../src/passes/specialise.js';
import { flattenFetches } from '../../src/runtime/fetches.js';
import { randomRuns } from '../random-runs.js';
import { controlGraph } from './control-graph.js';
import { sameAfterRoundTrip } from './same-graph.js';

type Row = (typeof rows)[number];

interface Flat {
  readonly fetches: readonly Tensor[];
  readonly inputs: Readonly<Record<string, Tensor>>;
}

const rows = Object.values(opTable).flat();

/** A row's op and its gradients, on sizes that are known or not. */
function graphOf(row: Row, shapes: readonly (readonly number[])[], known: boolean): Flat {
  const [dtype = 'float32'] = dtypesOf(row);
  const specs = shapes.map((shape, i) => ({
    shape: known ? shape : shape.map(() => null),
    dtype: inputDType(row, i, dtype),
  }));
  const { inputs, outputs } = applied(row, specs);
  const wanted =
    (row.gradient ?? true) === true &&
    outputs.every(({ node }) => node.op.differentiable === 'yes');
  const flow = wanted ? derivative(outputs, inputs) : null;
  const again = flow && known ? derivative(flow.gradients, [...inputs, ...flow.weights]) : null;
  const named = [...inputs, ...(flow?.weights ?? []), ...(again?.weights ?? [])].map(
    (tensor, i) => [`input ${i}`, tensor] as const,
  );
  const fetches = [...outputs, ...(flow?.gradients ?? []), ...(again?.gradients ?? [])];
  return { fetches, inputs: Object.fromEntries(named) };
}

/** What the engine makes of a graph when its sizes are known. */
const expanded = ({ fetches, inputs }: Flat): Flat => {
  const given = new Map(Object.values(inputs).map((input) => [input, input]));
  return { fetches: specialise(fetches, given), inputs };
};

const largest = ({ shapes }: Row) => [...shapes].sort((a, b) => total(b) - total(a))[0] ?? [];
const total = (shapes: readonly (readonly number[])[]) =>
  shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);

describe('a graph after encodeGraph and decodeGraph', () => {
  const met = new Set<string>();

  for (const [family, cases] of Object.entries(opTable)) {
    it(`is the same, for every row of ${family} with its gradients: sizes known, unknown, and expanded`, () => {
      for (const row of cases) {
        const known = graphOf(row, largest(row), true);
        const unknown = row.unknownShapes ? [] : [graphOf(row, largest(row), false)];
        for (const graph of [known, ...unknown, expanded(known)]) {
          sameAfterRoundTrip(graph);
          collect(graph.fetches, met);
        }
      }
    });
  }

  it('is the same, for control flow and its gradients', () => {
    const graph = controlGraph();
    sameAfterRoundTrip(graph);
    collect(flattenFetches(graph.fetches), met);
  });

  it('was tried for every op of the library', () => {
    // These hold no value by themselves; the graph of every kind of part has them.
    const elsewhere = ['assign', 'group', 'param', 'read', 'variable'];
    const missing = allOps.filter(({ name }) => !met.has(name) && !elsewhere.includes(name));
    expect(missing.map(({ name }) => name)).to.deep.equal([]);
  });

  it('computes the same bits, for every third row', () => {
    const [session, other] = [new Session({ seed: 3 }), new Session({ seed: 3 })];
    for (const row of rows.filter((_, i) => i % 3 === 0)) {
      const [dtype = 'float32'] = dtypesOf(row);
      const shapes = largest(row);
      const { inputs, outputs } = applied(
        row,
        shapes.map((shape, i) => ({ shape, dtype: inputDType(row, i, dtype) })),
      );
      const named = Object.fromEntries(inputs.map((input, i) => [`${i}`, input]));
      const copy = decodeGraph<Tensor[]>(encodeGraph({ fetches: outputs, inputs: named }));
      const values = drawInputs(row, { shapes, dtype }, seededRandom(row.name));
      const feeds = (tensors: readonly Tensor[]) =>
        tensors.map((tensor, i) => [tensor, values[i] as never] as const);
      const expected = session.runSync([...outputs], { feeds: feeds(inputs) });
      const found = other.runSync(copy.fetches, {
        feeds: feeds(inputs.map((_, i) => copy.inputs.get(`${i}`) as Tensor)),
      });
      expect(found, row.name).to.deep.equal(expected);
    }
    session.close();
    other.close();
  });

  it('is the same and computes the same bits, for random graphs with device hints', () => {
    fc.assert(
      fc.property(randomSteps, (steps) => {
        const { feeds, tensors } = buildRandomGraph(steps, ['js:0', '/device:js:0']);
        const [[x, data]] = feeds as [[Tensor, Float32Array]];
        const variables = tensors.filter(({ node }) => node.op.role === 'variable') as never[];
        const copy = sameAfterRoundTrip({ fetches: [...tensors], inputs: { x }, variables });
        const [session, other] = [new Session({ seed: 9 }), new Session({ seed: 9 })];
        const expected = session.runSync([...tensors], { feeds });
        const found = other.runSync(copy.fetches as Tensor[], {
          feeds: [[copy.inputs.get('x') as Tensor, data]],
        });
        expect(found).to.deep.equal(expected);
        session.close();
        other.close();
      }),
      randomRuns(60),
    );
  });
});

function collect(tensors: readonly Tensor[], met: Set<string>): void {
  const seen = new Set<object>();
  const pending: unknown[] = tensors.map(({ node }) => node);
  while (pending.length > 0) {
    const node = pending.pop() as Tensor['node'];
    if (seen.has(node)) continue;
    seen.add(node);
    met.add(node.op.name);
    pending.push(...node.inputs.map((input) => input.node), ...node.controls);
    for (const value of Object.values(node.attrs)) {
      const results = (value as { results?: readonly Tensor[] } | null)?.results;
      if (Array.isArray(results))
        pending.push(...(results as readonly Tensor[]).map((result) => result.node));
    }
  }
}
