/** Numbers that follow from the name of what they are for. */
export interface Numbers {
  fractions(shape: readonly number[], range: readonly [number, number]): Float64Array;
  whole(shape: readonly number[], below: number): Int32Array;
}

/** A linear congruence, seeded by the characters of a name. */
export function numbers(purpose: string): Numbers {
  let state = 1;
  for (const char of purpose) state = (Math.imul(state, 31) + char.charCodeAt(0)) | 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
  const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  return {
    fractions: (shape, [low, high]) =>
      Float64Array.from({ length: count(shape) }, () => low + (high - low) * next()),
    whole: (shape, below) =>
      Int32Array.from({ length: count(shape) }, () => Math.floor(below * next())),
  };
}
