import { GraphError } from '@tenon/core';
import { about, type Subject } from '../subject.js';

/** Applications that must be refused where they are written, with their code. */
export async function checkRejects({ row }: Subject): Promise<void> {
  for (const { why, build, code } of row.rejects ?? []) {
    await about(why, () => {
      try {
        build();
      } catch (error) {
        if (error instanceof GraphError && error.code === code) return;
        throw new Error(`expected ${code}, got ${String(error)}`, { cause: error });
      }
      throw new Error(`expected ${code}, but nothing was thrown`);
    });
  }
}
