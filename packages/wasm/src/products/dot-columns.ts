import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { f32, i32 } from '../encoder/scalar.js';
import { f32x4 } from '../encoder/simd.js';
import { loadFloats } from '../gemm/floats.js';
import { evenPanels, forPanels } from '../gemm/panels.js';
import type { Range } from '../gemm/sweep-blocks.js';
import type { Side, ThinProduct } from './thin-product.js';

/** Lines are shared in pieces that are whole numbers of groups and of vectors. */
export const dotUnit = 12;

/** Lines of `many` that are multiplied at once with 1, 2 or 3 of `few`: as many as there are registers for. */
const linesAtOnce = [6, 4, 3] as const;

/** Vectors of a single dot product that are summed apart, to hide the latency of multiply-add. */
const apart = 4;

/** Sums for lines whose own elements lie side by side: vectors along k, whose lanes are added at the end. */
export function dotColumns(k: KernelFunction, thin: ThinProduct, { from, to }: Range): Code {
  const { f } = k;
  const { fewLines, manyLines, few } = thin;
  const atOnce = linesAtOnce[fewLines - 1] as number;
  const packed = few.depth === 1 ? { setup: [], few } : packFew(k, thin);
  const pass = {
    groups: evenPanels(manyLines, atOnce),
    from: i32.divU(from.get, i32.const(atOnce)),
    to: f.i32(),
  };
  const panels = i32.divU(i32.add(to.get, i32.const(atOnce - 1)), i32.const(atOnce));
  return seq(
    packed.setup,
    pass.to.set(panels),
    forPanels(f, pass, (line, lines) => dots(k, { ...thin, few: packed.few }, { line, lines })),
  );
}

/** The few lines with their own elements side by side. */
function packFew(k: KernelFunction, { few, fewLines, k: depth }: ThinProduct) {
  const { f } = k;
  const [base, from, to] = [f.i32(), f.i32(), f.i32()];
  const moves = Array.from({ length: fewLines }, (_, i) =>
    f32.store(to.get, f32.load(from.get, 4 * i * few.line), 4 * i * depth),
  );
  const setup = seq(
    base.set(k.own(4 * fewLines * depth)),
    from.set(few.base.get),
    to.set(base.get),
    f.for({ to: i32.const(depth) }, () =>
      seq(...moves, from.increase(4 * few.depth), to.increase(4)),
    ),
  );
  return { setup, few: { base, line: depth, depth: 1 } satisfies Side };
}

interface Group {
  readonly line: Local;
  readonly lines: number;
}

function dots(k: KernelFunction, thin: ThinProduct, { line, lines }: Group): Code {
  const { f } = k;
  const { few, many, fewLines, k: depth, out } = thin;
  const [end, at] = [f.i32(), f.i32()];
  const copies = fewLines * lines === 1 ? apart : 1;
  const registers = new DotRegisters(k, { thin, lines, copies });
  const { sums, x, y } = registers;
  const whole = (parts: number) => {
    const bytes = 16 * parts * Math.floor(depth / (4 * parts));
    const turn = f.while(i32.ltU(x.get, end.get), registers.step(4, parts));
    return seq(end.set(i32.add(few.base.get, i32.const(bytes))), turn);
  };
  const store = (sums[0] as readonly Local[]).map((sum, which) => {
    const [i, j] = [Math.floor(which / lines), which % lines];
    const all = sums.slice(1).map((part) => {
      const other = part[which] as Local;
      return sum.set(f32x4.add(sum.get, other.get));
    });
    return seq(...all, f32.store(at.get, total(sum), 4 * (i * out.few + j * out.many)));
  });
  return seq(
    ...sums.flat().map((sum) => sum.set(f32x4.const(0))),
    x.set(few.base.get),
    y.set(i32.add(many.base.get, i32.mul(line.get, i32.const(4 * many.line)))),
    at.set(i32.add(out.base.get, i32.mul(line.get, i32.const(4 * out.many)))),
    copies > 1 ? whole(copies) : [],
    whole(1),
    depth % 4 > 0 ? registers.step(depth % 4, 1) : [],
    ...store,
  );
}

interface DotShape {
  readonly thin: ThinProduct;
  readonly lines: number;
  /** How many vectors along k are summed apart. */
  readonly copies: number;
}

/** The registers of a group of dot products, and where its vectors along k begin. */
class DotRegisters {
  readonly sums: readonly (readonly Local[])[];
  readonly x: Local;
  readonly y: Local;
  private readonly left: readonly Local[];
  private readonly right: readonly Local[];
  private readonly k: KernelFunction;
  private readonly shape: DotShape;

  constructor(k: KernelFunction, shape: DotShape) {
    const { thin, lines, copies } = shape;
    const vectors = (length: number) => Array.from({ length }, () => k.f.v128());
    this.k = k;
    this.shape = shape;
    [this.x, this.y] = [k.f.i32(), k.f.i32()];
    this.sums = Array.from({ length: copies }, () => vectors(thin.fewLines * lines));
    this.left = vectors(thin.fewLines * copies);
    this.right = vectors(lines * copies);
  }

  /** Adds the products of `count` lanes of some vectors, and moves on. */
  step(count: number, vectors: number): Code {
    const { thin, lines } = this.shape;
    const { few, many, fewLines } = thin;
    const load = (from: Local, held: readonly Local[], lineBytes: number) => {
      const size = held.length / this.shape.copies;
      return held.slice(0, size * vectors).map((local, v) => {
        const offset = (v % size) * lineBytes + 16 * Math.floor(v / size);
        return local.set(loadFloats(from.get, count, offset));
      });
    };
    const products = this.sums.slice(0, vectors).flatMap((part, copy) =>
      part.map((sum, which) => {
        const a = this.left[copy * fewLines + Math.floor(which / lines)] as Local;
        const b = this.right[copy * lines + (which % lines)] as Local;
        return sum.set(this.k.fma(a.get, b.get, sum.get));
      }),
    );
    return seq(
      ...load(this.x, this.left, 4 * few.line),
      ...load(this.y, this.right, 4 * many.line),
      ...products,
      this.x.increase(16 * vectors),
      this.y.increase(16 * vectors),
    );
  }
}

const total = (sum: Local): Code => {
  const lane = (i: number) => f32x4.extractLane(i, sum.get);
  return f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3)));
};
