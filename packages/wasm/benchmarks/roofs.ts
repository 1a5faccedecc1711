/**
 * What the machine can do beside what our kernels reach, on one thread and on all: GFLOP/s of square products beside a loop of
 * nothing but multiply-adds, GB/s of elementwise kernels beside a plain copy. JSON lines.
 * tsx --conditions=@tenon/source packages/wasm/benchmarks/roofs.ts [--sizes 64,128,...] [--threads n]
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { add, matMul, maximum, reshape, Session, slice, type Tensor, variable } from '@tenon/core';
import { compileModule } from '../src/encoder/compile.js';
import { type Code, seq } from '../src/encoder/code.js';
import { branchIf, loop } from '../src/encoder/function.js';
import { ModuleBuilder } from '../src/encoder/module.js';
import { i32 } from '../src/encoder/scalar.js';
import { f32x4, v128 } from '../src/encoder/simd.js';
import { mostPages, webAssembly } from '../src/encoder/webassembly.js';
import { wasm } from '../src/index.js';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '64,128,256,512,1024,2048' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});

const accumulators = 12;
const turns = 1_000_000;
const copied = 32 * 2 ** 20;

/** Two functions without arguments: multiply-adds in registers, and a copy of 32 MiB. */
function roofs() {
  const module = new ModuleBuilder();
  module.importMemory('host', 'memory', { shared: false, most: mostPages });
  const signature = { params: [], results: [] };
  const multiply = module.add(signature, (f) => {
    const sums = Array.from({ length: accumulators }, () => f.v128());
    const [a, b, left] = [f.v128(), f.v128(), f.i32()];
    const steps: Code[] = sums.map((sum) => sum.set(f32x4.relaxedMadd(a.get, b.get, sum.get)));
    return seq(
      a.set(f32x4.const(1.0001)),
      b.set(v128.load(i32.const(0))),
      left.set(i32.const(turns)),
      loop(seq(...steps, branchIf(left.tee(i32.sub(left.get, i32.const(1))), 0))),
      ...sums.map((sum, i) => v128.store(i32.const(16 * i), sum.get)),
    );
  });
  const copy = module.add(signature, (f) =>
    f.for({ to: i32.const(copied), step: 64 }, (at) =>
      seq(
        ...[0, 16, 32, 48].map((offset) =>
          v128.store(at.get, v128.load(at.get, offset + copied + 64), offset),
        ),
      ),
    ),
  );
  module.export('multiply', multiply);
  module.export('copy', copy);
  const pages = (2 * copied) / 65536 + 1;
  const memory = new webAssembly.Memory({ initial: pages, maximum: mostPages, shared: false });
  const compiled = compileModule(module.encode());
  const { exports } = new webAssembly.Instance(compiled, { host: { memory } });
  return exports as unknown as { multiply(): void; copy(): void };
}

/** Seconds of the fastest of many runs, and of the one in the middle. */
function timed(run: () => unknown, seconds = 1) {
  const times: number[] = [];
  for (const start = performance.now(); performance.now() - start < 300; ) run();
  for (const start = performance.now(); times.length < 3 || performance.now() - start < 1000 * seconds; ) {
    const begin = performance.now();
    run();
    times.push((performance.now() - begin) / 1000);
  }
  times.sort((a, b) => a - b);
  return { least: times[0] as number, median: times[times.length >> 1] as number };
}

const rounded = (value: number) => Number(value.toPrecision(4));
const print = (line: object) => console.log(JSON.stringify(line));

const roof = roofs();
const flops = (8 * accumulators * turns) / timed(roof.multiply).least / 1e9;
const bandwidth = (2 * copied) / timed(roof.copy).least / 1e9;
print({ case: 'roof', gflops: rounded(flops), copy_gb_s: rounded(bandwidth) });

for (const threads of new Set([1, Number(values.threads)])) {
  const session = new Session({ devices: [wasm({ threads })] });
  const filled = (...shape: number[]) =>
    variable(new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5), { shape });
  const time = (result: Tensor) => {
    // One number comes back, so that reading it costs nothing.
    const corner = slice(reshape(result, [-1]), { begin: [0], size: [1] });
    const run = session.prepare(corner, []);
    return timed(() => run.sync());
  };
  for (const n of values.sizes.split(',').map(Number)) {
    const { median } = time(matMul(filled(n, n), filled(n, n)));
    const gflops = (2 * n ** 3) / median / 1e9;
    print({ case: `gemm ${n}`, threads, gflops: rounded(gflops), of_roof: rounded(gflops / flops / threads) });
  }
  const size = 2 ** 22;
  const { median } = time(maximum(add(filled(size), filled(size)), 0));
  print({ case: 'relu(a + b)', threads, gb_s: rounded((12 * size) / median / 1e9), of_copy: rounded((12 * size) / median / 1e9 / bandwidth) });
  session.close();
}
process.exit(0);
