import { parseDeviceName } from '@tenon/core';
import { expect } from 'chai';
import { deviceName, parseTaskDevice } from '../../src/index.js';
import { thrown } from './thrown.js';

describe("the name of a task's device", () => {
  it('has all parts, and the engine reads it', () => {
    const name = deviceName('worker', 1, 'wasm:0');
    expect(name).to.equal('/job:worker/replica:0/task:1/device:wasm:0');
    expect(parseDeviceName(name)).to.deep.equal({
      job: 'worker',
      replica: '0',
      task: '1',
      device: 'wasm:0',
    });
  });

  it('numbers a device that has no number', () => {
    expect(deviceName('ps', 0, 'js')).to.equal('/job:ps/replica:0/task:0/device:js:0');
  });

  it('is read back', () => {
    const parts = { job: 'ps-a.b', task: 12, device: 'js:3' };
    expect(parseTaskDevice(deviceName(parts.job, parts.task, parts.device))).to.deep.equal(parts);
  });

  for (const name of ['js:0', '/job:worker/device:js:0', '/job:a/task:0', '/task:0/device:js:0']) {
    it(`is not ${name}`, () => {
      expect(thrown(() => parseTaskDevice(name))).to.equal(
        `PLACEMENT_CONFLICT parseTaskDevice: "${name}" does not name one device of a task.`,
      );
    });
  }

  it('cannot hold parts that no name has', () => {
    for (const name of [() => deviceName('a/b', 0, 'js'), () => deviceName('a', -1, 'js')]) {
      expect(thrown(name)).to.match(/^PLACEMENT_CONFLICT withDevice: /);
    }
  });
});
