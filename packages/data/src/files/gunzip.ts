import { GraphError } from '@tenon/core';

/** Whether bytes begin like a gzip member. Source: RFC 1952, section 2.3.1. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

export interface GunzipOptions {
  readonly where: string;
  /** Most bytes that may come out: a small file can unfold to a thousand times its size. */
  readonly maxBytes: number;
}

/** Unpacks gzip. Errors: FORMAT_INVALID (damaged, truncated, larger than `maxBytes`). */
export async function gunzip(bytes: Uint8Array, options: GunzipOptions): Promise<Uint8Array> {
  const { where, maxBytes } = options;
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const chunk of unpacked(bytes)) {
      total += chunk.length;
      if (total > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new GraphError('FORMAT_INVALID', where, {
      what: 'the gzip data are damaged or truncated.',
      fix: 'fetch the file again.',
      cause,
    });
  }
  if (total > maxBytes) {
    throw new GraphError('FORMAT_INVALID', where, {
      what: `the gzip data unfold to more than ${maxBytes} bytes.`,
      fix: 'raise maxBytes if the file can be trusted.',
    });
  }
  return joined(chunks, total);
}

function unpacked(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  return stream.pipeThrough(new DecompressionStream('gzip')) as never;
}

function joined(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const result = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    result.set(chunk, offset);
    offset += chunk.length;
  }
  return result;
}
