import { coveredOps, opTable } from '@tenon/conformance';
import { allOps } from '@tenon/core';
import { expect } from 'chai';

/** Ops without a row of their own, and where they are tested instead. */
const elsewhere: Readonly<Record<string, string>> = {
  assign: 'changes a variable: tests of the session',
  call: 'holds a function: tests of control flow',
  cond: 'holds functions: tests of control flow',
  constant: 'the inputs of folded graphs in every row',
  customGradient: 'holds functions: tests of control flow',
  gradientOf: 'stands in while sizes are unknown: the checks of unknown sizes',
  group: 'has no value: tests of the session',
  param: 'a parameter of a function: tests of control flow',
  placeholder: 'the inputs of every row',
  read: 'reads a variable: tests of the session',
  scan: 'holds a function: tests of control flow',
  stopGradient: 'has a gradient that differs from differences on purpose: tests of control flow',
  variable: 'state: tests of the session',
  whileLoop: 'holds functions: tests of control flow',
};

describe('the op table', () => {
  const covered = coveredOps(Object.values(opTable).flat());

  it('has a row for every op, or a reason', () => {
    const missing = allOps.filter((op) => !covered.has(op) && !(op.name in elsewhere));
    expect(missing.map(({ name }) => name)).to.deep.equal([]);
  });

  it('gives no reason for an op that does not exist', () => {
    const names = new Set(allOps.map(({ name }) => name));
    expect(Object.keys(elsewhere).filter((name) => !names.has(name))).to.deep.equal([]);
  });
});
