import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDirectory, writeDirectoryAtomically } from '@tenon/core';
import { expect } from 'chai';
import { rejection } from '../graph-error.js';
import { scratchDirectory } from './scratch-directory.js';

const files = (...texts: string[]) =>
  new Map(texts.map((text, i) => [`file-${i}.txt`, new TextEncoder().encode(text)]));
const texts = async (directory: string) =>
  [...(await readDirectory(directory)).files.values()].map((bytes) =>
    new TextDecoder().decode(bytes),
  );

describe('a saved directory', () => {
  const scratch = scratchDirectory();
  const target = () => join(scratch.path, 'inner', 'model');
  const save = (...contents: string[]) =>
    writeDirectoryAtomically(target(), files(...contents), {
      kind: 'model',
      step: 7,
      metadata: { lr: 0.1 },
    });
  const beside = () => readdir(join(scratch.path, 'inner'));

  it('comes back with its manifest, and leaves nothing beside it', async () => {
    await save('one', '');
    const { manifest, files: found } = await readDirectory(target(), { kind: 'model' });
    expect([...found]).to.deep.equal([...files('one', '')]);
    expect(manifest).to.deep.include({
      format: 'tenon',
      version: 1,
      kind: 'model',
      step: 7,
      metadata: { lr: 0.1 },
    });
    expect(await beside()).to.deep.equal(['model']);
  });

  it('replaces the one before, and keeps files that were not saved with it', async () => {
    await save('one', 'old');
    await writeFile(join(target(), 'notes.md'), 'mine');
    await save('two');
    expect(await texts(target())).to.deep.equal(['two']);
    expect((await readdir(target())).sort()).to.deep.equal([
      'file-0.txt',
      'manifest.json',
      'notes.md',
    ]);
    expect(await beside()).to.deep.equal(['model']);
  });

  it('says that it cannot be written, and why', async () => {
    await writeFile(join(scratch.path, 'inner'), 'a file');
    const error = await rejection(save('one'));
    expect(error.code).to.equal('WRITE_FAILED');
    expect(error.message).to.match(/inner.model: it could not be saved: E/);
    expect(error.cause).to.have.property('syscall');
  });

  it('is never put in the place of something else', async () => {
    await mkdir(target(), { recursive: true });
    await save('an empty directory may be taken');
    await rm(target(), { recursive: true });
    await mkdir(target());
    await writeFile(join(target(), 'thesis.txt'), 'years of work');
    expect((await rejection(save('one'))).code).to.equal('NAME_TAKEN');
    await rm(target(), { recursive: true });
    await writeFile(target(), 'a file');
    expect((await rejection(save('one'))).code).to.equal('NAME_TAKEN');
    expect(await readFile(target(), 'utf8')).to.equal('a file');
    expect(await beside()).to.deep.equal(['model']);
  });

  it('is read, and then saved again, after a save was killed between its two renames', async () => {
    await save('one');
    await rename(target(), join(scratch.path, 'inner', '.model.previous'));
    expect(await texts(target())).to.deep.equal(['one']);
    await save('two');
    expect(await texts(target())).to.deep.equal(['two']);
    expect(await beside()).to.deep.equal(['model']);
  });

  it('keeps foreign files when a save was killed before it had moved them', async () => {
    await save('one');
    await writeFile(join(target(), 'notes.md'), 'mine');
    await rename(target(), join(scratch.path, 'inner', '.model.previous'));
    await mkdir(join(scratch.path, 'other'));
    await writeDirectoryAtomically(join(scratch.path, 'other', 'model'), files('two'), {
      kind: 'model',
    });
    await rename(join(scratch.path, 'other', 'model'), target());
    await save('three');
    expect((await readdir(target())).sort()).to.deep.equal([
      'file-0.txt',
      'manifest.json',
      'notes.md',
    ]);
    expect(await beside()).to.deep.equal(['model']);
  });

  it('is refused when a file is changed, cut short, longer or gone', async () => {
    const file = () => join(target(), 'file-0.txt');
    const after = async (change: () => Promise<unknown>) => {
      await save('contents');
      await change();
      return (await rejection(readDirectory(target()))).code;
    };
    expect(await after(() => writeFile(file(), 'Contents'))).to.equal('CHECKSUM_MISMATCH');
    expect(await after(() => writeFile(file(), 'content'))).to.equal('CHECKSUM_MISMATCH');
    expect(await after(() => writeFile(file(), 'contents and more'))).to.equal('FORMAT_INVALID');
    expect(await after(() => rm(file()))).to.equal('FILE_NOT_FOUND');
    expect(await after(() => rm(join(target(), 'manifest.json')))).to.equal('FILE_NOT_FOUND');
    await rm(target(), { recursive: true });
    expect((await rejection(readDirectory(target()))).code).to.equal('FILE_NOT_FOUND');
  });

  it('is refused when its manifest is not one', async () => {
    const file = { name: 'a', bytes: 0, sha256: '0'.repeat(64) };
    const good = { format: 'tenon', version: 1, kind: 'model', files: [], metadata: {} };
    const manifests: unknown[] = [
      null,
      {},
      { ...good, version: 2 },
      { ...good, format: 'other' },
      { ...good, extra: 1 },
      { ...good, step: -1 },
      { ...good, files: [file, file] },
      ...['../a', '/etc/passwd', 'a/b', 'a\\b', '.hidden', '', 'manifest.json', 'a\u0000'].map(
        (name) => ({ ...good, files: [{ ...file, name }] }),
      ),
      { ...good, files: [{ ...file, bytes: 1e300 }] },
      { ...good, files: [{ ...file, sha256: 'x' }] },
      { ...good, metadata: JSON.parse('{ "__proto__": 1 }') },
      { ...good, metadata: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) },
    ];
    await save('one');
    for (const manifest of manifests) {
      await writeFile(join(target(), 'manifest.json'), JSON.stringify(manifest));
      expect((await rejection(readDirectory(target()))).code, JSON.stringify(manifest)).to.equal(
        'FORMAT_INVALID',
      );
    }
    await save('replaced').catch(() => {});
  });

  it('is refused when it holds something else, and can not be written with such names or metadata', async () => {
    await save('one');
    expect((await rejection(readDirectory(target(), { kind: 'checkpoint' }))).message).to.contain(
      'it holds a model, not a checkpoint',
    );
    const write = (name: string, metadata: object) =>
      writeDirectoryAtomically(target(), new Map([[name, new Uint8Array()]]), {
        kind: 'model',
        metadata: metadata as never,
      });
    expect((await rejection(write('../up', {}))).code).to.equal('ATTRIBUTE_INVALID');
    expect((await rejection(write('a', JSON.parse('{ "constructor": 1 }')))).code).to.equal(
      'ATTRIBUTE_INVALID',
    );
    expect(await texts(target())).to.deep.equal(['one']);
  });
});
