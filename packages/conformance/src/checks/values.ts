import type { DType, HostTensor } from '@tenon/core';
import { applied } from '../application.js';
import { expectClose, scaledTolerance } from '../compare.js';
import { type Expected, expectedOutputs } from '../expected.js';
import { drawInputs, dtypesOf } from '../inputs.js';
import { about, pairs, type Subject, shapesText } from '../subject.js';

const shapesOfOtherDTypes = 3;

/** Values against the reference or formula: every shape in the first dtype, some in the others. */
export async function checkValues(subject: Subject): Promise<void> {
  const { row } = subject;
  for (const [d, dtype] of dtypesOf(row).entries()) {
    for (const shapes of d === 0 ? row.shapes : row.shapes.slice(-shapesOfOtherDTypes)) {
      await about(`${dtype} ${shapesText(shapes)}`, () => checkOne(subject, shapes, dtype));
    }
  }
}

async function checkOne(
  subject: Subject,
  shapes: readonly (readonly number[])[],
  dtype: DType,
): Promise<void> {
  const { row } = subject;
  const values = drawInputs(row, { shapes, dtype }, subject.random('values'));
  const { inputs, outputs } = applied(row, values);
  const actual = await subject.run(outputs, pairs(inputs, values));
  for (const [i, output] of outputs.entries()) expectInferred(actual[i] as HostTensor, output);
  const expected = expectedOutputs(row, values, outputs.length);
  if (!expected) return;
  if (expected.length !== actual.length)
    throw new Error(`there are ${actual.length} outputs, expected ${expected.length}`);
  const least = values.some((value) => value.dtype === 'bfloat16' || value.dtype === 'float16')
    ? dtype
    : undefined;
  actual.forEach((value, i) => {
    const tolerance = scaledTolerance(
      row.tolerance ?? 1e-5,
      least && value.dtype.includes('float') ? least : value.dtype,
    );
    expectClose(value, expected[i] as Expected, { tolerance });
  });
}

/** The values are what the graph says that they are. */
function expectInferred(
  value: HostTensor,
  said: { dtype: DType; shape: readonly (number | null)[] },
): void {
  const fits =
    value.shape.length === said.shape.length &&
    said.shape.every((size, axis) => size === null || size === value.shape[axis]);
  if (value.dtype !== said.dtype || !fits) {
    throw new Error(
      `the graph says ${said.dtype}[${said.shape}], the value is ${value.dtype}[${value.shape}]`,
    );
  }
}
