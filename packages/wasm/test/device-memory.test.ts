import { add, assign, placeholder, Session, slice, variable } from '@tenon/core';
import { wasm } from '@tenon/wasm';
import { expect } from 'chai';
import { DeviceMemory } from '../src/memory/device-memory.js';

describe('the memory of a device', () => {
  it('grows for the block that takes the last of it', () => {
    const memory = new DeviceMemory({ name: 'wasm:0', shared: false, bytes: 2 * 65536 });
    const first = memory.allocate(64, 'a value');
    const rest = memory.allocate(2 * 65536 - 4096 - 64 - 64, 'a value');
    new Uint8Array(memory.wasm.buffer)[rest + 2 * 65536 - 4096 - 64 - 64 - 1] = 1;
    expect(memory.wasm.buffer.byteLength).to.equal(2 * 65536);
    memory.free(first);
    expect(memory.allocate(32, 'a value')).to.equal(first);
    expect(() => memory.allocate(64, 'a value')).to.throw('would take 64 bytes more');
  });

  for (const size of [16384 - 1024 - 16, 16384 - 1024 - 20, 16384 - 1024 - 32, 16384 - 1024 - 48]) {
    it(`has room behind the last lanes of a value at its end: ${size} elements`, async () => {
      const session = new Session({ devices: [wasm({ threads: 1, bytes: 4 * 65536 })] });
      const x = placeholder({ shape: [size + 1] });
      const v = variable(new Float32Array(size));
      const filled = new Float32Array(size + 1).fill(3);
      await session.run(assign(v, add(slice(x, { begin: [1] }), 1)), { feeds: [[x, filled]] });
      expect((await session.read(v)).data.every((value) => value === 4)).to.equal(true);
      await session.close();
    });
  }
});
