import type { NestedArray } from '@tenon/core';

type Place = Readonly<Record<string, number>>;

const sizesOf = (value: NestedArray): number[] =>
  Array.isArray(value)
    ? [value.length, ...(value.length ? sizesOf(value[0] as NestedArray) : [])]
    : [];

const at = (value: NestedArray, place: readonly number[]): number =>
  Number(place.reduce<NestedArray>((inner, i) => (inner as readonly NestedArray[])[i] ?? 0, value));

/** Every assignment of a number below its size to each name. */
function* places(names: readonly string[], sizes: ReadonlyMap<string, number>): Generator<Place> {
  const [first, ...rest] = names;
  if (first === undefined) {
    yield {};
    return;
  }
  for (let i = 0; i < (sizes.get(first) ?? 0); i++) {
    for (const place of places(rest, sizes)) yield { ...place, [first]: i };
  }
}

/** einsum straight from its definition: one product for every value of every index. Ellipses become names of digits. */
export function einsumFormula(equation: string, operands: readonly NestedArray[]): NestedArray {
  const [left = '', right] = equation.replaceAll(' ', '').split('->');
  const shapes = operands.map(sizesOf);
  const terms = left.split(',');
  const hidden = terms.map((term, i) =>
    term.includes('...') ? (shapes[i] as number[]).length - (term.length - 3) : 0,
  );
  const most = Math.max(...hidden);
  const digits = Array.from({ length: most }, (_, i) => String(i));
  const spelt = (term: string, count: number) => [
    ...term.replace('...', digits.slice(most - count).join('')),
  ];
  const names = terms.map((term, i) => spelt(term, hidden[i] as number));
  const letters = [...left].filter((sign) => /[A-Za-z]/.test(sign));
  const once = letters.filter((sign) => letters.indexOf(sign) === letters.lastIndexOf(sign)).sort();
  const result = right === undefined ? [...digits, ...once] : spelt(right, most);
  const sizes = new Map<string, number>();
  names.forEach((list, i) => {
    list.forEach((name, axis) => {
      const size = (shapes[i] as number[])[axis] ?? 0;
      sizes.set(name, sizes.has(name) && size === 1 ? (sizes.get(name) as number) : size);
    });
  });
  const inner = [...sizes.keys()].filter((name) => !result.includes(name));
  const value = (outer: Place): number => {
    let total = 0;
    for (const place of places(inner, sizes)) {
      const full: Place = { ...place, ...outer };
      const factors = names.map((list, i) =>
        at(
          operands[i] as NestedArray,
          list.map((name, axis) =>
            (shapes[i] as number[])[axis] === 1 ? 0 : (full[name] as number),
          ),
        ),
      );
      total += factors.reduce((product, factor) => product * factor, 1);
    }
    return total;
  };
  const nested = (rest: readonly string[], outer: Place): NestedArray => {
    const [name, ...more] = rest;
    if (name === undefined) return value(outer);
    return Array.from({ length: sizes.get(name) ?? 0 }, (_, i) =>
      nested(more, { ...outer, [name]: i }),
    );
  };
  return nested(result, {});
}
