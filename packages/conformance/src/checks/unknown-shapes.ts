import { type HostTensor, type Shape, sizeOf } from '@tenon/core';
import { applied, derivative } from '../application.js';
import { expectSame } from '../compare.js';
import { draw, drawInputs, dtypesOf } from '../inputs.js';
import { about, pairs, type Subject, shapesText } from '../subject.js';
import { gradientSkipped } from './gradients.js';

const forms: Record<string, (shape: Shape) => Shape> = {
  'all sizes unknown': (shape) => shape.map(() => null),
  'first size unknown': (shape) => shape.map((size, axis) => (axis === 0 ? null : size)),
};

/** Graphs built while sizes are unknown, gradients too, must give what those of known shapes give. */
export async function checkUnknownShapes(subject: Subject): Promise<void> {
  const bySize = [...subject.row.shapes].sort((a, b) => total(b) - total(a));
  const ranked = bySize.filter((shapes) => shapes.some((shape) => shape.length > 0));
  for (const shapes of ranked.slice(0, 2)) {
    for (const [name, hide] of Object.entries(forms)) {
      await about(`${name}, ${shapesText(shapes)}`, () => checkOne(subject, shapes, hide));
    }
  }
}

const total = (shapes: readonly (readonly number[])[]): number =>
  shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);

async function checkOne(
  subject: Subject,
  shapes: readonly (readonly number[])[],
  hide: (shape: Shape) => Shape,
): Promise<void> {
  const { row } = subject;
  const [dtype = 'float32'] = dtypesOf(row);
  const random = subject.random('unknown shapes');
  const values = drawInputs(row, { shapes, dtype }, random);
  const known = applied(row, values);
  const open = applied(
    row,
    values.map((value) => ({ dtype: value.dtype, shape: hide(value.shape) })),
  );
  const expected = await subject.run(known.outputs, pairs(known.inputs, values));
  const actual = await subject.run(open.outputs, pairs(open.inputs, values));
  for (const [i, value] of expected.entries()) expectSame(actual[i] as HostTensor, value);
  if (gradientSkipped(row) !== null) return;
  const [a, b] = [derivative(known.outputs, known.inputs), derivative(open.outputs, open.inputs)];
  if (!a || !b) return;
  const tops = await subject.run(a.ys, pairs(known.inputs, values));
  const weights = tops.map((top) => draw({ from: 0.5, to: 1.5 }, top, random));
  const wanted = await subject.run(a.gradients, [
    ...pairs(known.inputs, values),
    ...pairs(a.weights, weights),
  ]);
  const found = await subject.run(b.gradients, [
    ...pairs(open.inputs, values),
    ...pairs(b.weights, weights),
  ]);
  for (const [i, value] of wanted.entries()) expectSame(found[i] as HostTensor, value);
}
