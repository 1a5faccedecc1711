import { type ErrorCode, GraphError } from '@tenon/core';
import { expect } from 'chai';

/** The error that a call ends with, which must be a GraphError of the given code. */
export async function failure(code: ErrorCode, call: () => unknown): Promise<GraphError> {
  let thrown: unknown;
  try {
    await call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, `expected ${code}`).to.be.instanceOf(GraphError);
  const error = thrown as GraphError;
  expect(error.code, error.message).to.equal(code);
  return error;
}
