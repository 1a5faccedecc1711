import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';

/** Units `from` to `to` of one matrix of a batch. */
export interface Piece {
  readonly image: Local;
  readonly from: Local;
  readonly to: Local;
}

interface Work {
  readonly batch: number;
  /** Of each matrix. */
  readonly units: number;
}

/** Shares the units of all matrices in one row: a thread has some whole matrices, and parts of a first and a last one. */
export function forPieces(
  k: KernelFunction,
  { batch, units }: Work,
  body: (piece: Piece) => Code,
): Code {
  const { f } = k;
  const [image, from, to] = [f.i32(), f.i32(), f.i32()];
  const piece = { image, from, to };
  if (batch === 1) return seq(image.set(i32.const(0)), k.share(units, from, to), body(piece));
  const [unit, end] = [f.i32(), f.i32()];
  const left = i32.add(from.get, i32.sub(end.get, unit.get));
  const turn = seq(
    image.set(i32.divU(unit.get, i32.const(units))),
    from.set(i32.remU(unit.get, i32.const(units))),
    to.set(left),
    to.set(choose(i32.ltS(to.get, i32.const(units)), to.get, i32.const(units))),
    unit.set(i32.add(unit.get, i32.sub(to.get, from.get))),
    body(piece),
  );
  return seq(k.share(batch * units, unit, end), f.while(i32.ltS(unit.get, end.get), turn));
}
