import '@tensorflow/tfjs-backend-cpu';
import {
  add,
  gradients,
  HostTensor,
  hostTensor,
  mul,
  placeholder,
  Session,
  sum,
  type Tensor,
  type Variable,
} from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import type { CallContext, Layer } from '../../src/layer.js';
import { layerClass } from '../../src/registry.js';
import { inputDType, knownShape, type LayerCase } from './layer-case.js';
import { type Numbers, numbers } from './numbers.js';

tf.env().set('IS_TEST', true);

const inference: CallContext = { training: false, update: () => {} };

interface Applied {
  readonly layer: Layer;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly data: readonly HostTensor[];
  readonly session: Session;
}

/** Applies a row's layer to inputs of partly unknown shapes, all weights random so that each matters. */
async function applied(
  row: LayerCase,
  dtype: 'float32' | 'float64',
  made?: Layer,
): Promise<Applied> {
  const layer = made ?? row.make({ dtype });
  const random = numbers(row.name);
  const inputs = row.inputs.map((shape) => placeholder({ shape, dtype: inputDType(row, dtype) }));
  const outputs = layer.run(inputs, inference);
  const session = new Session();
  for (const { name, variable } of layer.weights) {
    const value = random.fractions(variable.shape, name === 'moving_variance' ? [0.5, 2] : [-1, 1]);
    await session.write(variable, hostTensor(value, { shape: variable.shape, dtype }));
  }
  const data = inputs.map((input, i) => dataFor(row, input, row.inputs[i] as never, random));
  return { layer, inputs, outputs, data, session };
}

function dataFor(
  row: LayerCase,
  { dtype }: Tensor,
  shape: readonly (number | null)[],
  random: Numbers,
): HostTensor {
  const sizes = knownShape(row, shape);
  const values =
    row.wholeBelow === undefined
      ? random.fractions(sizes, [-1, 1])
      : random.whole(sizes, row.wholeBelow);
  return hostTensor(values, { shape: sizes, dtype });
}

const feedsOf = ({ inputs, data }: Applied) =>
  inputs.map((input, i) => [input, data[i] as HostTensor] as const);

const toReference = ({ data, shape, dtype }: HostTensor): tf.Tensor =>
  tf.tensor(Array.from(data as Float32Array), [...shape], dtype === 'int32' ? 'int32' : 'float32');

function expectClose(actual: HostTensor, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.size).to.equal(expected.length);
  const off = Array.from(actual.data as Float32Array, (value, i) =>
    Math.abs(value - (expected[i] as number)),
  );
  const worst = Math.max(0, ...off);
  expect(worst, `largest difference at element ${off.indexOf(worst)}`).to.be.lessThan(tolerance);
}

async function checkValues(row: LayerCase): Promise<void> {
  const run = await applied(row, 'float32');
  const weights: Record<string, tf.Tensor> = {};
  for (const { name, variable } of run.layer.weights) {
    weights[name] = toReference(await run.session.read(variable));
  }
  const results = await run.session.run(run.outputs, { feeds: feedsOf(run) });
  const wanted = row.reference(run.data.map(toReference), weights);
  const list = wanted instanceof tf.Tensor ? [wanted] : wanted;
  expect(results.length).to.equal(list.length);
  for (const [i, result] of results.entries()) {
    const expected = list[i] as tf.Tensor;
    expect(result.shape).to.deep.equal(expected.shape);
    expectClose(result, expected.dataSync() as Float32Array, 2e-5);
  }
  await run.session.close();
}

/** `sum(outputs times fixed random numbers)`, and how it changes with each weight and each float input. */
async function checkGradients(row: LayerCase): Promise<void> {
  const run = await applied(row, 'float64');
  const { layer, session, outputs } = run;
  const feeds = feedsOf(run);
  const random = numbers(`${row.name} gradient`);
  const shapes = (await session.run(outputs, { feeds })).map(({ shape }) => shape);
  const terms = outputs.map((output, i) => {
    const shape = shapes[i] as readonly number[];
    return sum(
      mul(output, hostTensor(random.fractions(shape, [0.5, 1.5]), { shape, dtype: 'float64' })),
    );
  });
  const loss = terms.reduce((a, b) => add(a, b));
  const weights = layer.weights.filter(({ trainable }) => trainable);
  const found = await session.run(
    gradients(
      loss,
      weights.map(({ variable }) => variable),
    ),
    { feeds },
  );
  for (const [i, { name, variable }] of weights.entries()) {
    const gradient = found[i] as HostTensor;
    expect(
      Math.max(...Array.from(gradient.data as Float64Array, Math.abs)),
      `gradient of ${name}`,
    ).to.be.greaterThan(1e-6);
    const direction = random.fractions(variable.shape, [-1, 1]);
    const slope = await slopeAlong({ session, variable, direction }, async () =>
      (await session.run(loss, { feeds })).item(),
    );
    const expected = direction.reduce((total, d, j) => total + d * Number(gradient.data[j]), 0);
    expect(slope, `slope along a direction of ${name}`).to.be.closeTo(
      expected,
      1e-5 * Math.max(1, Math.abs(expected)),
    );
  }
  await session.close();
}

async function slopeAlong(
  {
    session,
    variable,
    direction,
  }: { session: Session; variable: Variable; direction: Float64Array },
  value: () => Promise<number>,
): Promise<number> {
  const start = await session.read(variable);
  const step = 1e-5;
  const at = async (distance: number) => {
    const moved = Float64Array.from(direction, (d, i) => Number(start.data[i]) + distance * d);
    await session.write(variable, new HostTensor(moved, start.shape));
    return value();
  };
  const slope = ((await at(step)) - (await at(-step))) / (2 * step);
  await session.write(variable, start);
  return slope;
}

async function checkRoundTrip(row: LayerCase): Promise<void> {
  const first = await applied(row, 'float32');
  const json = JSON.stringify(first.layer.getConfig());
  const type = layerClass(first.layer.className);
  const second = await applied(row, 'float32', new type(JSON.parse(json)));
  expect(second.layer.getConfig()).to.deep.equal(first.layer.getConfig());
  const [a, b] = [
    await first.session.run(first.outputs, { feeds: feedsOf(first) }),
    await second.session.run(second.outputs, { feeds: feedsOf(second) }),
  ];
  expect(b.map(({ data }) => Array.from(data as Float32Array))).to.deep.equal(
    a.map(({ data }) => Array.from(data as Float32Array)),
  );
  await first.session.close();
  await second.session.close();
}

/** Describes rows of the table of layers: shapes, weights, values, gradients, JSON. */
export function describeLayers(title: string, rows: readonly LayerCase[]): void {
  describe(title, () => {
    for (const row of rows) {
      it(`${row.name}: shapes follow from partly unknown ones`, async () => {
        const { layer, outputs, session } = await applied(row, 'float32');
        const weights = layer.weights.map(({ name, variable }) => [name, variable.shape]);
        expect({
          outputs: outputs.map(({ shape }) => shape),
          weights: Object.fromEntries(weights),
        }).to.deep.equal({ outputs: row.outputs, weights: row.weights ?? {} });
        await session.close();
      });
      it(`${row.name}: values agree with tfjs-core`, () => checkValues(row));
      if (row.weights) {
        it(`${row.name}: gradients reach every weight and agree with differences`, () =>
          checkGradients(row));
      }
      it(`${row.name}: a layer made of its JSON computes the same`, () => checkRoundTrip(row));
    }
  });
}
