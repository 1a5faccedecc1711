import { HostTensor, isFloat, sizeOf, type Tensor } from '@tenon/core';
import { applied, type Derivative, derivative } from '../application.js';
import { draw, drawInputs, dtypesOf, inputDType } from '../inputs.js';
import type { OpCase } from '../op-case.js';
import type { Random } from '../random.js';
import { about, pairs, type Subject, shapesText } from '../subject.js';

type Shapes = readonly (readonly number[])[];

/** Why a row has no gradient to check, or null. */
export function gradientSkipped(row: OpCase): string | null {
  if (typeof row.gradient === 'object') return row.gradient.skipped;
  if (row.gradient === false) return 'declared not differentiable';
  if (!dtypesOf(row).some(isFloat) && !row.inputDTypes?.some((dtype) => dtype === 'float64'))
    return 'no float input';
  const { outputs, inputs } = applied(row, doubles(row, row.shapes[0] as Shapes));
  if (variables(inputs).length === 0) return 'no float input';
  return outputs.some(({ dtype }) => isFloat(dtype)) ? null : 'no float output';
}

const doubles = (row: OpCase, shapes: Shapes) =>
  shapes.map((shape, i) => ({ shape, dtype: inputDType(row, i, 'float64') }));

// Inputs that a row fixes to a narrower dtype are too coarse for differences.
const variables = (inputs: readonly Tensor[]): Tensor[] =>
  inputs.filter(({ dtype }) => dtype === 'float64');
const elements = (shapes: Shapes): number =>
  shapes.reduce((count, shape) => count + sizeOf(shape), 0);

/** Gradients on every shape, and gradients of gradients on the smallest, against central differences in float64. */
export async function checkGradients(subject: Subject): Promise<void> {
  const { row } = subject;
  for (const shapes of row.shapes)
    await about(`gradient, ${shapesText(shapes)}`, () => firstOrder(subject, shapes));
  const filled = row.shapes.filter((shapes) => shapes.every((shape) => sizeOf(shape) > 0));
  const [smallest] = filled.sort((a, b) => rankScore(a) - rankScore(b));
  if (smallest)
    await about(`gradient of the gradient, ${shapesText(smallest)}`, () =>
      secondOrder(subject, smallest),
    );
}

// A few elements show more than a scalar does.
const rankScore = (shapes: Shapes): number => Math.abs(elements(shapes) - 6);

async function firstOrder(subject: Subject, shapes: Shapes): Promise<void> {
  const { row } = subject;
  const random = subject.random('gradient');
  const values = drawInputs(row, { shapes, dtype: 'float64' }, random);
  const { inputs, outputs } = applied(row, values);
  const wanted = derivative(outputs, variables(inputs));
  if (!wanted) throw new Error('there is no float output to differentiate');
  await compare({ subject, inputs, values, random, picks: 8 }, wanted);
}

/** The gradient as a function of the inputs and of what flows in: most ops are linear in the second, many in both. */
async function secondOrder(subject: Subject, shapes: Shapes): Promise<void> {
  const { row } = subject;
  const random = subject.random('gradient of the gradient');
  const values = drawInputs(row, { shapes, dtype: 'float64' }, random);
  const { inputs, outputs } = applied(row, values);
  const first = derivative(outputs, variables(inputs)) as Derivative;
  const flowing = await weighted(subject, pairs(inputs, values), first, random);
  const second = derivative(
    first.gradients,
    variables([...inputs, ...first.weights]),
  ) as Derivative;
  const all = [...values, ...flowing.map(([, value]) => value)];
  await compare(
    { subject, inputs: [...inputs, ...first.weights], values: all, random, picks: 5 },
    second,
  );
}

interface Comparison {
  readonly subject: Subject;
  readonly inputs: readonly Tensor[];
  readonly values: readonly HostTensor[];
  readonly random: Random;
  /** Elements of each input that are compared. */
  readonly picks: number;
}

type Feeds = readonly (readonly [Tensor, HostTensor])[];

/** Random weights for what is differentiated, of the shapes that it takes. */
async function weighted(
  subject: Subject,
  feeds: Feeds,
  { ys, weights }: Derivative,
  random: Random,
): Promise<Feeds> {
  const results = await subject.run(ys, feeds);
  return weights.map((weight, i) => {
    const { shape } = results[i] as HostTensor;
    return [weight, draw({ from: 0.5, to: 1.5 }, { dtype: weight.dtype, shape }, random)] as const;
  });
}

async function compare(comparison: Comparison, wanted: Derivative): Promise<void> {
  const { subject, inputs, values, random, picks } = comparison;
  const before = pairs(inputs, values);
  const weights = await weighted(subject, before, wanted, random);
  const analytic = await subject.run(wanted.gradients, [...before, ...weights]);
  for (const [g, x] of wanted.xs.entries()) {
    const at = inputs.indexOf(x);
    const [value, gradient] = [values[at] as HostTensor, analytic[g] as HostTensor];
    if (String(gradient.shape) !== String(value.shape))
      throw new Error(
        `the gradient of input ${at} has shape [${gradient.shape}], the input [${value.shape}]`,
      );
    for (const element of picked(value.size, picks, random)) {
      const moved = (step: number): Feeds =>
        before.map(([tensor, old]) => [tensor, tensor === x ? shifted(old, element, step) : old]);
      const step = 1e-5 * Math.max(1, Math.abs(Number(value.data[element])));
      const difference =
        (await weightedSum(subject, moved(step), wanted, weights)) -
        (await weightedSum(subject, moved(-step), wanted, weights));
      expectNear(
        Number(gradient.data[element]),
        difference / (2 * step),
        `element ${element} of the gradient of input ${at}`,
      );
    }
  }
}

function expectNear(analytic: number, numeric: number, what: string): void {
  const near = Math.abs(analytic - numeric) <= 2e-5 * Math.max(1, Math.abs(numeric));
  if (!near) throw new Error(`${what} is ${analytic}, by differences ${numeric}`);
}

function picked(size: number, count: number, random: Random): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  return size <= count
    ? all
    : Array.from({ length: count }, () => Math.floor(random.next() * size));
}

function shifted({ data, shape, dtype }: HostTensor, element: number, step: number): HostTensor {
  const copy = Float64Array.from(data as Float64Array);
  copy[element] = (copy[element] as number) + step;
  return new HostTensor(copy, shape, dtype);
}

async function weightedSum(
  subject: Subject,
  feeds: Feeds,
  { ys }: Derivative,
  weights: Feeds,
): Promise<number> {
  const results = await subject.run(ys, feeds);
  return results.reduce((total, { data }, i) => {
    const weight = (weights[i] as Feeds[number])[1].data;
    return Array.from(data as Float64Array).reduce(
      (sum, value, j) => sum + value * Number(weight[j]),
      total,
    );
  }, 0);
}
