import { constant, type HostTensor, Tensor } from '@tenon/core';
import { applied, derivative } from '../application.js';
import { expectClose, expectSame, scaledTolerance } from '../compare.js';
import { draw, drawInputs, dtypesOf } from '../inputs.js';
import { about, pairs, type Subject, shapesText } from '../subject.js';
import { gradientSkipped } from './gradients.js';

/**
 * Passes change the cost of a graph and no bit of its results: with fed inputs, and with constants that fold. On devices other than js
 * last bits may differ: constants are folded by js's arithmetic, and what is summed up within one kernel has another order.
 */
export async function checkPasses(subject: Subject): Promise<void> {
  for (const shapes of subject.row.shapes)
    await about(`passes, ${shapesText(shapes)}`, () => checkOne(subject, shapes));
}

async function checkOne(subject: Subject, shapes: readonly (readonly number[])[]): Promise<void> {
  const { row } = subject;
  const [dtype = 'float32'] = dtypesOf(row);
  const random = subject.random('passes');
  const values = drawInputs(row, { shapes, dtype }, random);
  const { inputs, outputs } = applied(row, values);
  const plain = await subject.runPlain(outputs, pairs(inputs, values));
  const feeds = pairs(inputs, values);
  expectAlike(subject, await subject.run(outputs, feeds), plain);
  const folded = row.op(...values.map((value) => constant(value)));
  expectAlike(subject, await subject.run(folded instanceof Tensor ? [folded] : folded, []), plain);
  const wanted = gradientSkipped(row) === null ? derivative(outputs, inputs) : null;
  if (!wanted) return;
  const tops = await subject.runPlain(wanted.ys, feeds);
  const weights = pairs(
    wanted.weights,
    tops.map((top) => draw({ from: 0.5, to: 1.5 }, top, random)),
  );
  const all = [...feeds, ...weights];
  expectAlike(
    subject,
    await subject.run(wanted.gradients, all),
    await subject.runPlain(wanted.gradients, all),
  );
}

function expectAll(actual: readonly HostTensor[], expected: readonly HostTensor[]): void {
  for (const [i, value] of expected.entries()) expectSame(actual[i] as HostTensor, value);
}

const lastBits = 1e-5;

function expectAlike(
  subject: Subject,
  actual: readonly HostTensor[],
  expected: readonly HostTensor[],
): void {
  if (subject.definesMeaning) {
    expectAll(actual, expected);
    return;
  }
  for (const [i, { data, shape, dtype }] of expected.entries()) {
    const wanted = { values: data as ArrayLike<number>, shape };
    expectClose(actual[i] as HostTensor, wanted, { tolerance: scaledTolerance(lastBits, dtype) });
  }
}
