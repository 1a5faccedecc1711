import { type Code, seq } from '../encoder/code.js';
import { type FunctionBuilder, type Local, memoryCopy } from '../encoder/function.js';
import { i32, i64 } from '../encoder/scalar.js';
import { v128 } from '../encoder/simd.js';

interface Copy {
  /** Addresses. */
  readonly to: Local;
  readonly from: Local;
  readonly bytes: number;
}

const block = 64;
/** Below, a call to the host's copy costs more than the copy. */
const mostInLoop = 1024;
const mostUnrolled = 256;

/** Copies a constant number of bytes between places that do not overlap. */
export function copyBytes(f: FunctionBuilder, { to, from, bytes }: Copy): Code {
  if (bytes > mostInLoop) return memoryCopy(to.get, from.get, i32.const(bytes));
  if (bytes <= mostUnrolled) return unrolled({ to, from, bytes });
  const [target, source, end] = [f.i32(), f.i32(), f.i32()];
  const whole = bytes - (bytes % block);
  const pointers = { to: target, from: source };
  return seq(
    target.set(to.get),
    source.set(from.get),
    end.set(i32.add(from.get, i32.const(whole))),
    f.while(
      i32.ltU(source.get, end.get),
      seq(unrolled({ ...pointers, bytes: block }), target.increase(block), source.increase(block)),
    ),
    unrolled({ ...pointers, bytes: bytes - whole }),
  );
}

const pieces = [
  { bytes: 16, load: v128.load, store: v128.store },
  { bytes: 8, load: i64.load, store: i64.store },
  { bytes: 4, load: i32.load, store: i32.store },
  { bytes: 2, load: i32.load16u, store: i32.store16 },
  { bytes: 1, load: i32.load8u, store: i32.store8 },
] as const;

function unrolled({ to, from, bytes }: Copy): Code {
  const moves: Code[] = [];
  let offset = 0;
  for (const piece of pieces) {
    for (; offset + piece.bytes <= bytes; offset += piece.bytes)
      moves.push(piece.store(to.get, piece.load(from.get, offset), offset));
  }
  return seq(...moves);
}
