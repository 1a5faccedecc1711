import * as core from '@tenon/core';
import * as data from '@tenon/data';
import * as layers from '@tenon/layers';
import { wasm } from '@tenon/wasm';
import { expect } from 'chai';
import * as tn from 'tenon';
import { runSource } from '../../../test/run-source.js';

describe('tenon', () => {
  for (const [name, part] of Object.entries({ core, data, layers })) {
    it(`re-exports every name of @tenon/${name}, none shadowed by another package`, () => {
      expect(Object.keys(part)).to.not.eql([]);
      const lost = Object.entries(part).filter(([key, value]) => Reflect.get(tn, key) !== value);
      expect(lost.map(([key]) => key)).to.eql([]);
    });
  }

  it('keeps the names of ops at the top and those of layers below `layers`', () => {
    expect(tn.add(1, 2)).to.be.instanceOf(tn.Tensor);
    expect(tn.layers.add({})).to.be.instanceOf(tn.Layer);
    expect(tn.reshape([1, 2], { shape: [2, 1] }).shape).to.eql([2, 1]);
    expect(tn.layers.reshape({ targetShape: [2, 1] })).to.be.instanceOf(tn.Layer);
  });

  it('builds, runs and reads a model through one import', async () => {
    const session = new tn.Session();
    const model = tn.sequential({
      layers: [tn.layers.dense({ units: 1, kernelInitializer: 'ones', inputShape: [2] })],
    });
    model.useSession(session);
    expect((await model.predict([[1, 2]])).array()).to.eql([[3]]);
    session.close();
  });

  it('runs on WebAssembly where sessions are given no devices', async () => {
    expect(tn.wasm).to.equal(wasm);
    const { stdout, stderr } = await runSource('packages/tenon/test/default-devices.ts');
    expect(JSON.parse(stdout || '{}'), stderr).to.eql({ devices: ['wasm:0'], value: 3 });
  });

  it('runs on plain JavaScript where the host has no WebAssembly', async () => {
    const args = ['--without-webassembly'];
    const { stdout, stderr } = await runSource('packages/tenon/test/default-devices.ts', args);
    expect(JSON.parse(stdout || '{}'), stderr).to.eql({ devices: ['js:0'], value: 3 });
  });
});
