/**
 * What the machine can do beside what our kernels reach, on one thread and on all: GFLOP/s of square products beside a loop of
 * nothing but multiply-adds, GB/s of elementwise kernels beside a plain copy. `speedup` is that of all threads over one.
 * tsx --conditions=@tenon/source packages/wasm/benchmarks/roofs.ts [--sizes 64,128,...] [--threads n] [--seconds 1] [--json]
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { add, assign, group, matMul, maximum, Session, type Tensor, variable } from '@tenon/core';
import { type Code, seq } from '../src/encoder/code.js';
import { compileModule, supportsRelaxedSimd } from '../src/encoder/compile.js';
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
    seconds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
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
    const multiplyAdd = supportsRelaxedSimd()
      ? f32x4.relaxedMadd
      : (x: Code, y: Code, z: Code) => f32x4.add(f32x4.mul(x, y), z);
    const steps: Code[] = sums.map((sum) => sum.set(multiplyAdd(a.get, b.get, sum.get)));
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

/** Seconds of the fastest of many runs. */
function timed(run: () => unknown): number {
  const limit = 1000 * Number(values.seconds);
  let least = Number.POSITIVE_INFINITY;
  for (const start = performance.now(); performance.now() - start < limit / 3; ) run();
  for (const start = performance.now(); performance.now() - start < limit; ) {
    const begin = performance.now();
    run();
    least = Math.min(least, performance.now() - begin);
  }
  return least / 1000;
}

const rounded = (value: number) => Number(value.toPrecision(4));

/** JSON lines, or names and numbers in columns. */
function print(name: string, numbers: Readonly<Record<string, number>>): void {
  const entries = Object.entries(numbers).map(([key, value]) => [key, rounded(value)] as const);
  if (values.json) {
    console.log(JSON.stringify({ case: name, ...Object.fromEntries(entries) }));
    return;
  }
  const columns = entries.map(([key, value]) => `${key} ${String(value).padEnd(8)}`);
  console.log([name.padEnd(14), ...columns].join('  ').trimEnd());
}

const roof = roofs();
const flops = (8 * accumulators * turns) / timed(roof.multiply) / 1e9;
const bandwidth = (2 * copied) / timed(roof.copy) / 1e9;
print('roof', { gflops: flops, copy_gb_s: bandwidth });

/** Seconds on one thread. */
const alone = new Map<string, number>();

function speedup(name: string, threads: number, seconds: number): { speedup?: number } {
  if (threads === 1) alone.set(name, seconds);
  const single = alone.get(name);
  return threads === 1 || single === undefined ? {} : { speedup: single / seconds };
}

for (const threads of new Set([1, Number(values.threads)])) {
  const session = new Session({ devices: [wasm({ threads })] });
  const filled = (...shape: number[]) =>
    variable(new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5), { shape });
  const time = (result: Tensor) => {
    // The variable needs all of the result, which is made in its place. Nothing comes back, so reading costs nothing.
    const run = session.prepare(group([assign(filled(...(result.shape as number[])), result)]), []);
    return timed(() => run.sync());
  };
  for (const n of values.sizes.split(',').map(Number)) {
    const seconds = time(matMul(filled(n, n), filled(n, n)));
    const gflops = (2 * n ** 3) / seconds / 1e9;
    const name = `gemm ${n}`;
    const of_roof = gflops / flops / threads;
    print(name, { threads, gflops, of_roof, ...speedup(name, threads, seconds) });
  }
  const size = 2 ** 22;
  const seconds = time(maximum(add(filled(size), filled(size)), 0));
  const gb_s = (12 * size) / seconds / 1e9;
  const name = 'relu(a + b)';
  print(name, { threads, gb_s, of_copy: gb_s / bandwidth, ...speedup(name, threads, seconds) });
  session.close();
}
process.exit(0);
