import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { root, tenon } from './command.js';

const graph = `import { matMul, placeholder, relu, sum, variable } from '@tenon/core';
const x = placeholder({ shape: [null, 64] });
const w = variable(new Float32Array(64 * 64), { shape: [64, 64], name: 'w' });
export const feeds = [[x, new Float32Array(32 * 64)]];
export default sum(relu(matMul(x, w)));`;

describe('tenon explain --placement', function () {
  this.timeout(30_000);
  let folder: string;
  let path: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenon-placement-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    path = join(folder, 'graph.mjs');
    await writeFile(path, graph);
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('prints devices, groups of nodes, transfers and the best device alone, and keeps what it measured', async () => {
    const times = join(folder, 'times.json');
    const { code, stdout, stderr } = await tenon(['explain', path, '--measure', times]);
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.match(/^placement: [\d.e-]+ ms planned, [\d.e-]+ ms on wasm:0 alone$/m)
      .and.match(/^ {2}wasm:0: \d+ groups, .* ms of computing, .* KiB of 4 GiB$/m)
      .and.match(/wasm:0 \(wasm:0 .* ms, js:0 .* ms; measured\) .*matMul/)
      .and.contain('no transfers');
    const { seconds } = JSON.parse(await readFile(times, 'utf8'));
    expect(Object.keys(seconds).sort()).to.deep.equal(['js', 'wasm']);
  });

  it('plans for tasks of a cluster that is not there, with times of another run', async () => {
    const times = join(folder, 'given.json');
    await writeFile(times, JSON.stringify({ format: 'tenon-profile', version: 1, seconds: {} }));
    const devices = [0, 1].map((task) => `/job:worker/task:${task}/device:wasm:0`);
    const args = ['explain', path, '--devices', devices.join(), '--profile', times];
    const { code, stdout, stderr } = await tenon(args);
    expect(code, stderr).to.equal(0);
    for (const device of devices) expect(stdout).to.contain(`${device}: `);
    expect(stdout).to.contain('; estimated) ');
  });

  it('says what is wrong with devices and profiles', async () => {
    const [unknown, missing] = await Promise.all([
      tenon(['explain', path, '--devices', 'gpu:0']),
      tenon(['explain', path, '--profile', join(folder, 'nowhere.json')]),
    ]);
    expect(unknown.stderr).to.contain('(NAME_UNKNOWN)');
    expect(missing.stderr).to.contain('(FILE_NOT_FOUND)');
    expect([unknown.code, missing.code]).to.deep.equal([1, 1]);
  });
});
