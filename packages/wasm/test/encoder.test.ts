import { expect } from 'chai';
import { type Code, seq } from '../src/encoder/code.js';
import type { Local } from '../src/encoder/function.js';
import { i32 } from '../src/encoder/scalar.js';
import { f32x4, v128 } from '../src/encoder/simd.js';
import { runKernel } from './run-kernel.js';

describe('encoder', () => {
  it('writes modules that hosts run: y = a * b + 1 over four lanes, split over threads', () => {
    const [a, b] = [Float32Array.from({ length: 40 }, (_, i) => i), new Float32Array(40).fill(3)];
    const y = new Float32Array(40);
    runKernel(
      (k) => {
        const [begin, end, at] = [k.f.i32(), k.f.i32(), k.f.i32()];
        const [pa, pb] = k.inputs.map((input) => i32.add(input.get, at.get)) as [Code, Code];
        const [out] = k.outputs as [Local];
        return seq(
          k.share(10, begin, end),
          k.f.for({ from: begin.get, to: end.get }, (i) =>
            seq(
              at.set(i32.mul(i.get, i32.const(16))),
              v128.store(
                i32.add(out.get, at.get),
                k.fma(v128.load(pa), v128.load(pb), f32x4.const(1)),
              ),
            ),
          ),
        );
      },
      { inputs: [a, b], outputs: [y], threads: 3 },
    );
    expect([...y]).to.deep.equal([...a].map((x) => 3 * x + 1));
  });
});
