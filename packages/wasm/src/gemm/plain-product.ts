import { scalarLanes } from '../conv/lanes.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { type Product, stridesOfA, stridesOfB } from './product.js';

/** A product of any dtype element by element; integers wrap. */
export function plainProduct(k: KernelFunction, product: Product): Code {
  const { f } = k;
  const { batch, m, n, k: depth, dtype } = product;
  const lanes = scalarLanes(dtype, f);
  const [a, b] = [stridesOfA(product), stridesOfB(product)];
  const [begin, end, row, column] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const [atA, atB, image] = [f.i32(), f.i32(), f.i32()];
  const sum = f.local(lanes.type);
  const scaled = (index: Local, stride: number) =>
    i32.mul(index.get, i32.const(stride * lanes.bytes));
  const place = (base: Local, matrix: number, line: Code) =>
    i32.add(i32.add(base.get, scaled(image, matrix)), line);
  const step = seq(
    sum.set(lanes.add(sum.get, lanes.mul(lanes.load(atA.get), lanes.load(atB.get)))),
    atA.increase(a.columns * lanes.bytes),
    atB.increase(b.rows * lanes.bytes),
  );
  const perElement = (unit: Local) =>
    seq(
      column.set(i32.remU(unit.get, i32.const(n))),
      row.set(i32.divU(unit.get, i32.const(n))),
      image.set(i32.divU(row.get, i32.const(m))),
      row.set(i32.remU(row.get, i32.const(m))),
      atA.set(place(product.a, a.batch, scaled(row, a.rows))),
      atB.set(place(product.b, b.batch, scaled(column, b.columns))),
      sum.set(lanes.const(0)),
      f.for({ to: i32.const(depth) }, () => step),
      lanes.store(i32.add(product.c.get, scaled(unit, 1)), sum.get),
    );
  if (batch * m * n === 0) return [];
  return seq(
    k.share(batch * m * n, begin, end),
    f.for({ from: begin.get, to: end.get }, perElement),
  );
}
