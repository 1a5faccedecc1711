import { fromSource, outputOf, type Peer, torchProducts } from './peers.js';

/** GFLOP/s of a product or GB/s of a loop, ours or a peer's, beside what the machine can do. */
export interface RoofLine {
  readonly peer: string;
  /** `roof`, `gemm <size>` or the loop's formula. */
  readonly case: string;
  readonly threads: number;
  readonly gflops?: number;
  readonly gb_s?: number;
  readonly copy_gb_s?: number;
  readonly of_roof?: number;
  readonly of_copy?: number;
  /** Of all threads over one. */
  readonly speedup?: number;
}

interface Measuring {
  readonly sizes: readonly number[];
  readonly threads: number;
  readonly seconds: number;
  /** Those that are there. */
  readonly peers: readonly Peer[];
}

/** Our script says `threads` of what has several. */
type Printed = Omit<RoofLine, 'peer' | 'threads'>;

// Large enough that PyTorch reaches its own roof.
const torchSizes = [512, 1024];

/** The roofs of this machine, our kernels on one thread and on all, and PyTorch's products on one. */
export async function measureRoofs({
  sizes,
  threads,
  seconds,
  peers,
}: Measuring): Promise<RoofLine[]> {
  const options = ['--sizes', sizes.join(), '--threads', `${threads}`, '--seconds', `${seconds}`];
  const args = [...fromSource, 'packages/wasm/benchmarks/roofs.ts', ...options, '--json'];
  const ours = await outputOf({ file: process.execPath, args });
  const theirs = peers.some(({ name }) => name === 'torch')
    ? await outputOf(torchProducts(torchSizes))
    : '';
  return `${ours}\n${theirs}`
    .split('\n')
    .filter((text) => text)
    .map((text) => ({ peer: 'tenon', threads: 1, ...(JSON.parse(text) as Printed) }));
}

// 512 bits are the widest vectors there are. What is beyond that, width does not explain.
const mostAdvantage = 512 / 128;

/**
 * How many times as many multiply-adds PyTorch does on one thread as WebAssembly can, between 1 and 4. The vectors of
 * WebAssembly have 128 bits; where those of the machine have 256 or 512, PyTorch's products use them and ours can not.
 * undefined where it was not measured.
 */
export function vectorAdvantage(lines: readonly RoofLine[]): number | undefined {
  const roof = lines.find((line) => line.case === 'roof')?.gflops;
  const torch = lines.filter(({ peer }) => peer === 'torch').map(({ gflops = 0 }) => gflops);
  if (roof === undefined || torch.length === 0) return undefined;
  return Math.min(mostAdvantage, Math.max(1, ...torch.map((gflops) => gflops / roof)));
}
