import type { DType } from '../../graph/dtype.js';
import { halfCodecs } from '../../graph/host-tensor.js';
import { isHalf } from '../memory.js';

/** A part of device memory and the elements of a block that it fills or is filled from. */
export interface Copy {
  readonly memory: Float32Array;
  readonly block: Float32Array;
  /** First element of the block, and the one after the last. */
  from: number;
  to: number;
  /** Index in memory of element 0 of the block. */
  at: number;
  readonly stride: number;
}

type CopyLoop = (copy: Copy) => void;

/** How elements of a dtype get from memory into a block. */
export function loadLoop(dtype: DType): CopyLoop {
  if (dtype === 'float32') return loadFloat32;
  if (!isHalf(dtype)) return loadPlain;
  const { decode } = halfCodecs[dtype];
  return ({ memory, block, from, to, at, stride }) => {
    for (let i = from; i < to; i++) block[i] = decode(memory[at + i * stride] as number);
  };
}

/** How elements of a dtype get from a block into memory; `from` is where they begin in the block. */
export function storeLoop(dtype: DType): CopyLoop {
  if (dtype === 'float32') return storeFloat32;
  if (!isHalf(dtype)) return storePlain;
  const { encode } = halfCodecs[dtype];
  return ({ memory, block, from, to, at, stride }) => {
    for (let i = from, o = at; i < to; i++, o += stride) memory[o] = encode(block[i] as number);
  };
}

// Twice the same loop: the one that only ever sees float32 is compiled for float32 alone.
const loadFloat32: CopyLoop = ({ memory, block, from, to, at, stride }) => {
  for (let i = from, s = at + from * stride; i < to; i++, s += stride)
    block[i] = memory[s] as number;
};

const loadPlain: CopyLoop = ({ memory, block, from, to, at, stride }) => {
  for (let i = from, s = at + from * stride; i < to; i++, s += stride)
    block[i] = memory[s] as number;
};

const storeFloat32: CopyLoop = ({ memory, block, from, to, at, stride }) => {
  for (let i = from, o = at; i < to; i++, o += stride) memory[o] = block[i] as number;
};

const storePlain: CopyLoop = ({ memory, block, from, to, at, stride }) => {
  for (let i = from, o = at; i < to; i++, o += stride) memory[o] = block[i] as number;
};

/** The elements i, as [low, high), for which `0 <= at + stride * i < size`. */
export function insideRange(at: number, stride: number, size: number): [number, number] {
  if (stride === 0) return at >= 0 && at < size ? [0, Number.POSITIVE_INFINITY] : [0, 0];
  if (stride > 0) return [Math.ceil(-at / stride), Math.ceil((size - at) / stride)];
  return [Math.floor((at - size) / -stride) + 1, Math.floor(at / -stride) + 1];
}
