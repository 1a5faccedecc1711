import { type DType, hostTensor } from '@tenon/core';
import { applied } from '../application.js';
import { expectClose } from '../compare.js';
import { type Expected, nestedOutputs } from '../expected.js';
import { dtypesOf, inputDType } from '../inputs.js';
import type { ExactCase } from '../op-case.js';
import { about, pairs, type Subject } from '../subject.js';

const tolerances: Partial<Record<DType, number>> = {
  float32: 1e-6,
  float64: 1e-6,
  float16: 1e-3,
  bfloat16: 1e-2,
};

/** Known results, signs of zeros included. */
export async function checkExact(subject: Subject): Promise<void> {
  for (const exact of subject.row.exact ?? [])
    await about(exact.why, () => checkOne(subject, exact));
}

async function checkOne(subject: Subject, exact: ExactCase): Promise<void> {
  const { row } = subject;
  const dtype = exact.dtype ?? (dtypesOf(row)[0] as DType);
  const values = exact.in.map((value, i) =>
    hostTensor(value, { dtype: inputDType(row, i, dtype) }),
  );
  const { inputs, outputs } = applied(row, values);
  const actual = await subject.run(outputs, pairs(inputs, values));
  const expected = nestedOutputs(exact.out, outputs.length);
  actual.forEach((value, i) => {
    const tolerance = exact.tolerance ?? tolerances[value.dtype] ?? 0;
    expectClose(value, expected[i] as Expected, { tolerance, absolute: 0, signedZero: true });
  });
}
