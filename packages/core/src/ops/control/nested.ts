import { GraphError } from '../../errors.js';
import { constantOf } from '../../graph/constant.js';
import { Tensor } from '../../graph/tensor.js';

/** What a body returns: a tensor, a number that becomes one, or lists of these, as deep as wanted. */
export type Nested = Tensor | number | boolean | readonly Nested[];

/** The same lists with a tensor at each place. */
export type Tensors<N> = N extends Tensor | number | boolean
  ? Tensor
  : N extends readonly unknown[]
    ? { -readonly [K in keyof N]: Tensors<N[K]> }
    : never;

/** The tensors of nested lists in order. Errors: ATTRIBUTE_INVALID. */
export function flatten(value: Nested, where: string): Tensor[] {
  if (Array.isArray(value)) return value.flatMap((inner: Nested) => flatten(inner, where));
  if (value instanceof Tensor || typeof value === 'number' || typeof value === 'boolean') {
    return [constantOf(value, undefined, where)];
  }
  throw new GraphError('ATTRIBUTE_INVALID', where, {
    what: `a body returned ${value === undefined ? 'nothing' : typeof value}.`,
    fix: 'return a tensor, or lists of tensors.',
  });
}

/** Tensors put into the nesting of `like`. */
export function nest<N extends Nested>(like: N, tensors: Iterator<Tensor>): Tensors<N> {
  const build = (value: Nested): unknown =>
    Array.isArray(value) ? value.map((inner: Nested) => build(inner)) : tensors.next().value;
  return build(like) as Tensors<N>;
}

/** Whether two values have lists and tensors at the same places. */
export function sameNesting(a: Nested, b: Nested): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Array.isArray(a) === Array.isArray(b);
  return a.length === b.length && a.every((inner: Nested, i) => sameNesting(inner, b[i] as Nested));
}
