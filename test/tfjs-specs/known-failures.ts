import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Specs that fail for one reason. */
export interface KnownFailure {
  readonly reason: string;
  readonly specs: readonly string[];
}

/** The specs that are known to fail, by full name. */
export async function knownFailures(): Promise<KnownFailure[]> {
  const file = fileURLToPath(new URL('known-failures.json', import.meta.url));
  return JSON.parse(await readFile(file, 'utf8'));
}
