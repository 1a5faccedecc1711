import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  assignAdd,
  hostTensor,
  loadCheckpoint,
  randomUniform,
  restoreVariables,
  Session,
  saveCheckpoint,
  saveVariables,
  variable,
} from '@tenon/core';
import { expect } from 'chai';
import { rejection } from '../graph-error.js';
import { scratchDirectory } from './scratch-directory.js';

const tensors = (value: number) => ({
  a: hostTensor([value, value]),
  b: hostTensor(BigInt(value)),
});

/** Runs `body` and gives back the warnings of the process meanwhile. */
async function warningsOf(body: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const listen = (warning: Error) => seen.push(warning.message);
  process.on('warning', listen);
  await body();
  // Warnings are told on the next turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  return seen;
}

describe('a checkpoint', () => {
  const scratch = scratchDirectory();
  const target = () => join(scratch.path, 'saved');
  const damage = (step: number) =>
    writeFile(join(target(), `step-${step}`, 'weights.safetensors'), 'x');

  it('comes back with step and metadata', async () => {
    await saveCheckpoint(target(), tensors(1), { step: 12, metadata: { loss: [0.5, null] } });
    const found = await loadCheckpoint(target());
    expect({ ...found, tensors: Object.fromEntries(found.tensors) }).to.deep.equal({
      tensors: tensors(1),
      step: 12,
      metadata: { loss: [0.5, null] },
      directory: target(),
      skipped: [],
    });
  });

  it('is cut into files of limited size, never within a tensor', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 5 }, (_, i) => [
        `t${i}`,
        hostTensor(new Float32Array(i === 2 ? 100 : 5).fill(i)),
      ]),
    );
    await saveCheckpoint(target(), many, { shardBytes: 40 });
    expect((await readdir(target())).filter((name) => name.startsWith('weights'))).to.deep.equal(
      ['1', '2', '3'].map((i) => `weights-0000${i}-of-00003.safetensors`),
    );
    expect(Object.fromEntries((await loadCheckpoint(target())).tensors)).to.deep.equal(many);
  });

  it('may hold nothing', async () => {
    await saveCheckpoint(target(), {});
    expect((await loadCheckpoint(target())).tensors.size).to.equal(0);
  });

  it('of a series stays while it is among the newest, or was saved last', async () => {
    const save = (step: number) => saveCheckpoint(target(), tensors(step), { step, keep: 2 });
    for (const step of [1, 9, 10]) await save(step);
    expect((await readdir(target())).sort()).to.deep.equal(['step-10', 'step-9']);
    expect((await loadCheckpoint(target())).step).to.equal(10);
    expect(await save(3)).to.equal(join(target(), 'step-3'));
    expect((await readdir(target())).sort()).to.deep.equal(['step-10', 'step-3']);
  });

  it('of a series that is damaged is passed over, and that is said', async () => {
    for (const step of [1, 2, 3]) await saveCheckpoint(target(), tensors(step), { step, keep: 5 });
    await damage(3);
    const warnings = await warningsOf(async () => {
      const { step, skipped, directory } = await loadCheckpoint(target());
      expect([step, directory]).to.deep.equal([2, join(target(), 'step-2')]);
      expect(skipped.map((one) => [one.directory, one.error.code])).to.deep.equal([
        [join(target(), 'step-3'), 'CHECKSUM_MISMATCH'],
      ]);
    });
    expect(warnings.join()).to.contain('newer checkpoints can not be read').and.contain('step-3');
    await damage(2);
    await damage(1);
    expect((await rejection(loadCheckpoint(target()))).code).to.equal('CHECKSUM_MISMATCH');
  });

  it('is refused with options that make no sense', async () => {
    for (const options of [
      { keep: 2 },
      { step: -1 },
      { step: 1, keep: 0 },
      { shardBytes: 0 },
      { step: 0.5 },
    ]) {
      expect((await rejection(saveCheckpoint(target(), {}, options))).code).to.equal(
        'ATTRIBUTE_INVALID',
      );
    }
    expect((await rejection(loadCheckpoint(target()))).code).to.equal('FILE_NOT_FOUND');
  });
});

describe('variables of a session', () => {
  const scratch = scratchDirectory();
  const target = () => join(scratch.path, 'saved');

  it('are restored, with the random numbers that follow', async () => {
    const build = () => {
      const w = variable([0, 0], { name: 'w' });
      return {
        w,
        h: variable(hostTensor([0.5], { dtype: 'bfloat16' }), { name: 'h' }),
        step: assignAdd(w, randomUniform({ shape: [2], seed: 1 })),
      };
    };
    const [one, two] = [new Session({ seed: 2 }), new Session({ seed: 2 })];
    const [first, second] = [build(), build()];
    for (let i = 0; i < 3; i++) await one.run(first.step);
    await saveVariables(one, [first.w, first.h], target(), { step: 3, metadata: { note: 'x' } });
    const restored = await restoreVariables(two, [second.w, second.h], target());
    expect(restored).to.deep.equal({
      step: 3,
      metadata: { note: 'x' },
      directory: target(),
      skipped: [],
      missing: [],
      unexpected: [],
    });
    for (let i = 0; i < 2; i++) await Promise.all([one.run(first.step), two.run(second.step)]);
    expect(await two.read(second.w)).to.deep.equal(await one.read(first.w));
    expect(await two.read(second.h)).to.deep.equal(await one.read(first.h));
    one.close();
    two.close();
  });

  it('are all from between the same two runs', async () => {
    const session = new Session();
    const [a, b] = [variable(0, { name: 'a' }), variable(0, { name: 'b' })];
    const step = [assignAdd(a, 1), assignAdd(b, 1)];
    const runs = [session.run(step), session.run(step)];
    const saved = saveVariables(session, [a, b], target());
    await Promise.all([...runs, session.run(step), session.run(step), saved]);
    const values = [...(await loadCheckpoint(target())).tensors.values()].map((tensor) =>
      tensor.item(),
    );
    expect(values).to.deep.equal([2, 2]);
    session.close();
  });

  it('are not set unless every one fits', async () => {
    const session = new Session();
    const [a, b] = [variable([1, 2], { name: 'a' }), variable(3, { name: 'b' })];
    await saveVariables(session, [a, b], target());
    const restore = async (...variables: Parameters<typeof restoreVariables>[1][]) =>
      rejection(restoreVariables(session, variables[0] as never, target()));
    await session.write(a, [0, 0]);
    const wrong = { b: variable([3], { name: 'b' }), c: variable(1, { name: 'c' }) };
    expect((await restore([a])).message).to.match(/it holds b, which no variable is named/);
    expect((await restore([a, b, wrong.c])).message)
      .to.match(/it does not hold c/)
      .and.match(/NAME_UNKNOWN/);
    expect((await restore([a, wrong.b])).code).to.equal('SHAPE_MISMATCH');
    expect((await restore([a, variable(3n, { name: 'b' })])).code).to.equal('DTYPE_MISMATCH');
    expect((await session.read(a)).array()).to.deep.equal([0, 0]);
    const partly = await restoreVariables(session, [a, wrong.c], target(), { strict: false });
    expect([partly.missing, partly.unexpected]).to.deep.equal([['c'], ['b']]);
    expect((await session.read(a)).array()).to.deep.equal([1, 2]);
    session.close();
  });

  it('need names of their own, or names that are given', async () => {
    const session = new Session();
    const [a, b] = [variable(1, { name: 'w' }), variable(2, { name: 'w' })];
    expect((await rejection(saveVariables(session, [a, b], target()))).code).to.equal('NAME_TAKEN');
    await saveVariables(session, { first: a, second: b }, target());
    expect([...(await loadCheckpoint(target())).tensors.keys()]).to.deep.equal(['first', 'second']);
    session.close();
  });
});
