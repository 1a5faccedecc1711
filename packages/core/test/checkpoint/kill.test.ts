import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadCheckpoint, saveCheckpoint } from '@tenon/core';
import { expect } from 'chai';
import { build } from 'esbuild';
import { effort } from '../random-runs.js';
import { scratchDirectory } from './scratch-directory.js';

const script = fileURLToPath(new URL('save-for-ever.ts', import.meta.url));

/** Kills a process that saves without end, some time after it has saved a first time. The last step it said was complete. */
async function killedAfter(
  program: string,
  args: readonly string[],
  delay: number,
): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let last = -1;
  for await (const line of createInterface({
    input: child.stdout as NonNullable<ChildProcess['stdout']>,
  })) {
    if (last < 0) setTimeout(() => child.kill('SIGKILL'), delay);
    last = Number(line);
  }
  await exit;
  return last;
}

describe('a process that is killed while it saves', () => {
  const scratch = scratchDirectory();

  it('leaves the last checkpoint that was complete or the one being saved, always one that loads', async function () {
    this.timeout(120_000 * effort);
    const directory = join(scratch.path, 'saved');
    // One file, so that fifteen processes start quickly.
    const program = join(scratch.path, 'program.mjs');
    await build({
      entryPoints: [script],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@tenon/source'],
    });
    const kills = 15 * effort;
    // Each child has its own directory, so that they can run side by side.
    await Promise.all(
      Array.from({ length: 3 }, async (_, lane) => {
        const own = `${directory}-${lane}`;
        for (let i = 0, start = 0; i < kills / 3; i++) {
          const last = await killedAfter(program, [own, String(start)], 40 * Math.random());
          const { step, tensors } = await loadCheckpoint(own);
          expect(step).to.be.oneOf([last, last + 1]);
          for (const tensor of tensors.values())
            expect(new Set(tensor.data as Float32Array)).to.deep.equal(new Set([step]));
          start = last + 2;
        }
        await saveCheckpoint(own, {}, { step: 1 });
      }),
    );
    const left = (await readdir(scratch.path)).sort();
    expect(left, 'the next save removes what killed ones left').to.deep.equal([
      'program.mjs',
      'saved-0',
      'saved-1',
      'saved-2',
    ]);
  });
});
