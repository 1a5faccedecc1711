import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

describe('a disk that is full', function () {
  this.timeout(60_000);
  let scratch: string;

  // Of Linux is the limit that stands for a full disk: writes beyond it fail, those before it do not.
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'tenon-disk-'));
  });
  afterEach(() => rm(scratch, { recursive: true, force: true }));

  /** What a program of this folder says at its end. */
  async function said(program: string): Promise<unknown> {
    const child = fork(fileURLToPath(new URL(program, import.meta.url)), [scratch]);
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the program has ended: ${signal ?? code}`);
    });
    const [message] = await Promise.race([once(child, 'message'), ended]);
    await ended.catch(() => {});
    return message;
  }

  it('under a backup: the one before stays and loads, and training goes on when there is room, bit for bit', async () => {
    expect(await said('./training-program.ts')).to.deep.equal({
      code: 'WRITE_FAILED',
      step: 8,
      names: ['step-4', 'step-8'],
      epochs: [0, 1, 2, 3, 2, 3, 4],
      same: true,
    });
  });

  it('under the state of a master: what cannot be kept fails, all else goes on, and nothing is forgotten', async () => {
    expect(await said('./master-program.ts')).to.deep.equal({
      codes: ['WRITE_FAILED', 'WRITE_FAILED', 'WRITE_FAILED'],
      tripled: [9],
      values: [[3], [20]],
      heldWhenFull: 1,
    });
    expect(await readdir(scratch)).to.deep.equal([]);
  });
});
