import type { Device } from '@tenon/core';
import { checkExact } from './checks/exact.js';
import { checkGradients, gradientSkipped } from './checks/gradients.js';
import { checkPasses } from './checks/passes.js';
import { checkRejects } from './checks/rejects.js';
import { checkUnknownShapes } from './checks/unknown-shapes.js';
import { checkValues } from './checks/values.js';
import { dtypesOf } from './inputs.js';
import type { OpCase } from './op-case.js';
import { Subject } from './subject.js';

export interface Conditions {
  /** Makes the device that is tested. */
  readonly device: () => Device;
}

/** Describes rows of the op table for a device: values, dtypes, gradients, unknown shapes, passes, exact cases, refusals. */
export function describeOps(title: string, cases: readonly OpCase[], { device }: Conditions): void {
  describe(title, () => {
    for (const row of cases) describeRow(new Subject(row, device));
  });
}

function describeRow(subject: Subject): void {
  const { row } = subject;
  const { name, exact = [], rejects = [] } = row;
  describe(name, () => {
    after(() => subject.close());
    const compared =
      row.reference || row.formula ? 'agree with the reference' : 'have their dtypes and shapes';
    it(`${name}: values ${compared} in ${dtypesOf(row).join(', ')}`, () => checkValues(subject));
    const skipped = attempt(() => gradientSkipped(row));
    if (skipped === null)
      it(`${name}: gradients of first and second order agree with differences`, () =>
        checkGradients(subject));
    const without = skipped === null ? 'gradients too' : `no gradient: ${skipped}`;
    if (row.unknownShapes)
      it(`${name}: passes change no bit (sizes must be known: ${row.unknownShapes.skipped}; ${without})`, () =>
        checkPasses(subject));
    else {
      it(`${name}: unknown sizes and passes change no bit (${without})`, async () => {
        await checkUnknownShapes(subject);
        await checkPasses(subject);
      });
    }
    if (exact.length > 0)
      it(`${name}: ${exact.map(({ why }) => why).join('; ')}`, () => checkExact(subject));
    if (rejects.length > 0)
      it(`${name} refuses: ${rejects.map(({ why }) => why).join('; ')}`, () =>
        checkRejects(subject));
  });
}

// A row that can not be built must fail as a test, not while tests are collected.
function attempt(read: () => string | null): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
