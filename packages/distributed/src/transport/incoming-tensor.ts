import { dtypes, GraphError, HostTensor, sizeOf, type TypedArray } from '@tenon/core';
import type { TensorHeader } from './tensor-header.js';
import { bytesOf, isVerbatim, widening } from './wire-values.js';

// A peer that announces a large tensor must have sent this share of it before memory is set aside.
const heldShare = 16;
const heldBytes = 2 ** 20;

/**
 * Takes the bytes of one tensor as they come, straight into their place: `into`, or memory of its own. That memory is allocated once
 * a sixteenth of a large tensor is there, so that an announcement alone costs nothing.
 */
export class IncomingTensor {
  private readonly header: TensorHeader;
  private values: TypedArray | undefined;
  private readonly held: Uint8Array[] = [];
  private received = 0;
  private written = 0;
  /** First byte of an element of two bytes that a chunk cut in half. */
  private half: number | undefined;

  /** Errors: SHAPE_MISMATCH, DTYPE_MISMATCH (`into` does not fit). */
  constructor(header: TensorHeader, into?: TypedArray) {
    this.header = header;
    this.values = into && fitting(into, header);
    if (header.bytes <= heldBytes) this.allocate();
  }

  /** Bytes that have not come yet. */
  get missing(): number {
    return this.header.bytes - this.received;
  }

  /** The chunk is copied; its memory may be used again. Errors: FORMAT_INVALID (more bytes than announced). */
  write(chunk: Uint8Array): void {
    if (chunk.length > this.missing) {
      throw new GraphError('FORMAT_INVALID', 'receive', {
        what: `more than the announced ${this.header.bytes} bytes came.`,
        given: { tensor: this.header },
      });
    }
    this.received += chunk.length;
    if (this.values) this.place(chunk);
    else {
      // `slice` of a Buffer would share its memory.
      this.held.push(new Uint8Array(chunk));
      if (this.received * heldShare >= this.header.bytes) this.allocate();
    }
  }

  /** The whole tensor. Errors: FORMAT_INVALID (bytes are missing). */
  finish(): HostTensor {
    if (this.missing > 0 || !this.values) {
      throw new GraphError('FORMAT_INVALID', 'receive', {
        what: `${this.missing} of ${this.header.bytes} bytes are missing.`,
        given: { tensor: this.header },
      });
    }
    return new HostTensor(this.values, this.header.shape, this.header.dtype);
  }

  private allocate(): void {
    this.values ??= new dtypes[this.header.dtype].host(sizeOf(this.header.shape));
    for (const chunk of this.held.splice(0)) this.place(chunk);
  }

  private place(chunk: Uint8Array): void {
    if (isVerbatim(this.header)) {
      bytesOf(this.values as TypedArray).set(chunk, this.written);
      this.written += chunk.length;
    } else this.widen(chunk);
  }

  private widen(chunk: Uint8Array): void {
    const table = widening(this.header.wire as 'bfloat16' | 'float16');
    const values = this.values as Float32Array;
    let i = 0;
    let at = this.written;
    if (this.half !== undefined && chunk.length > 0) {
      values[at++] = table[this.half | ((chunk[i++] as number) << 8)] as number;
      this.half = undefined;
    }
    for (; i + 1 < chunk.length; i += 2)
      values[at++] = table[(chunk[i] as number) | ((chunk[i + 1] as number) << 8)] as number;
    if (i < chunk.length) this.half = chunk[i];
    this.written = at;
  }
}

/** Refuses memory that the tensor does not fill. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export function fitting(
  into: TypedArray,
  tensor: Pick<TensorHeader, 'dtype' | 'shape'>,
): TypedArray {
  const { host } = dtypes[tensor.dtype];
  if (!(into instanceof host)) {
    throw new GraphError('DTYPE_MISMATCH', 'receive', {
      what: `the memory given is a ${(into as object).constructor.name}, ${tensor.dtype} needs a ${host.name}.`,
      given: { tensor },
    });
  }
  if (into.length !== sizeOf(tensor.shape)) {
    throw new GraphError('SHAPE_MISMATCH', 'receive', {
      what: `the memory given holds ${into.length} elements, the tensor has ${sizeOf(tensor.shape)}.`,
      given: { tensor },
    });
  }
  return into;
}

/** A tensor that is in memory already, copied into the memory given, if any. */
export function landed(value: HostTensor, into: TypedArray | undefined): HostTensor {
  if (!into) return value;
  (fitting(into, value) as Float32Array).set(value.data as Float32Array);
  return new HostTensor(into, value.shape, value.dtype);
}
