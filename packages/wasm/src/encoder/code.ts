/**
 * Instructions in the binary format of WebAssembly; an expression leaves its value on the stack. Parts are joined without being
 * copied, so a large function costs no more than its bytes. Code without a byte has length 0.
 */
export type Code = readonly (number | Code)[];

export const seq = (...parts: readonly Code[]): Code => {
  let [count, last]: [number, Code] = [0, parts[0] ?? []];
  for (const part of parts) {
    if (part.length === 0) continue;
    count++;
    last = part;
  }
  return count > 1 ? parts : last;
};

/** The bytes of code in a row. */
export function bytesIn(code: Code): number[] {
  const bytes: number[] = [];
  append(bytes, code);
  return bytes;
}

function append(bytes: number[], code: Code): void {
  for (let i = 0; i < code.length; i++) {
    const part = code[i] as number | Code;
    if (typeof part === 'number') bytes.push(part);
    else append(bytes, part);
  }
}

/** LEB128 of a whole number that is not negative. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128. */
export function signed(value: number | bigint): number[] {
  return typeof value === 'bigint' ? signedLong(value) : signedWord(value);
}

function signedWord(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const low = rest & 0x7f;
    rest >>= 7;
    const ends = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(ends ? low : low | 0x80);
    if (ends) return bytes;
  }
}

function signedLong(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const ends = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(ends ? low : low | 0x80);
    if (ends) return bytes;
  }
}

export const text = (value: string): number[] => {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
};

export const bytesOf = (array: Float32Array | Float64Array): number[] => [
  ...new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
];
