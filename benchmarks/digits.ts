import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromSource, outputOf } from './peers.js';

/** What `npm start` did. */
export interface DigitsLine {
  readonly peer: 'tenon';
  readonly case: 'digits';
  /** From the start of the process to its end: reading, training, testing, saving, loading. */
  readonly seconds: number;
  /** On the test images, between 0 and 1; NaN where it printed none. */
  readonly accuracy: number;
}

/** Trains the convnet of the example on all of MNIST, as `npm start` does. */
export async function measureDigits(): Promise<DigitsLine> {
  const folder = await mkdtemp(join(tmpdir(), 'tenon-digits-'));
  const args = [...fromSource, 'examples/digits.ts', '--save', join(folder, 'digits')];
  const start = performance.now();
  const printed = await outputOf({ file: process.execPath, args }).catch(String);
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  await rm(folder, { recursive: true, force: true });
  const accuracy = Number(/test accuracy ([\d.]+) %/.exec(printed)?.[1]) / 100;
  return { peer: 'tenon', case: 'digits', seconds, accuracy };
}
