export interface Axis {
  readonly title: string;
  readonly least: number;
  readonly greatest: number;
  /** Equal distances are equal factors; `least` is above 0 then. */
  readonly logarithmic?: boolean;
}

/** Where a value lies between two ends in the picture. */
export function place(
  value: number,
  { least, greatest, logarithmic, from, to }: Axis & { readonly from: number; readonly to: number },
): number {
  const scale = logarithmic ? Math.log : (x: number) => x;
  const share = (scale(value) - scale(least)) / (scale(greatest) - scale(least));
  return from + share * (to - from);
}

/** Powers of ten, or round numbers, about six of them. */
export function ticks({ least, greatest, logarithmic }: Axis): number[] {
  if (logarithmic) {
    const first = Math.ceil(Math.log10(least) - 1e-9);
    const count = Math.floor(Math.log10(greatest) + 1e-9) - first + 1;
    return Array.from({ length: count }, (_, i) => Number(`1e${first + i}`));
  }
  const rough = (greatest - least) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(least / step - 1e-9);
  const count = Math.floor(greatest / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

export const tickText = (value: number): string =>
  value >= 1000 ? `${value / 1000}k` : String(value);
