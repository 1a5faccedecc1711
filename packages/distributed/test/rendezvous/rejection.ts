import { GraphError } from '@tenon/core';

/** What a promise was rejected with: code and message of the error, or what it resolved to. */
export async function rejection(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string }> {
  try {
    return { code: 'none', message: `resolved to ${await promise}` };
  } catch (error) {
    if (error instanceof GraphError) return { code: error.code, message: error.message };
    return { code: 'other', message: String(error) };
  }
}
