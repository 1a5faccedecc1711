import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh directory for each test of the suite around, removed after it. */
export function scratchDirectory(): { readonly path: string } {
  const scratch = { path: '' };
  beforeEach(async () => {
    scratch.path = await mkdtemp(join(tmpdir(), 'tenon-'));
  });
  afterEach(() => rm(scratch.path, { recursive: true, force: true }));
  return scratch;
}
