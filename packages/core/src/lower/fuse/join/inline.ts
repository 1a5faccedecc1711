import { call, select } from '../../kernel-builder.js';
import type { Bound, Expression } from '../../loop-ir.js';
import { layoutOf } from '../form/affine.js';
import { type Load, loadKey, rewriter } from '../form/expressions.js';
import { type Form, loadsOf, mapForm, mover, type Store, storesOf } from '../form/form.js';
import { type Aligned, align } from './align.js';

export interface Inlining {
  readonly form: Form;
  /** Where the reader reads the value, over the axes of `form`. */
  readonly aligned: Extract<Aligned, { kind: 'aligned' }>;
}

export type Refusal = { readonly kind: 'apart'; readonly why: string };

export const refusal = (why: string): Refusal => ({ kind: 'apart', why });

export const loadsOfValue = (form: Form, value: number): Load[] =>
  loadsOf(form).filter(({ buffer }) => buffer === value);

/** The store that makes a whole value, with the layout that it makes it in. */
export function makerOf(form: Form, value: number, size: number) {
  const made = storesOf(form).filter((store) => store.value === value);
  const [store] = made;
  if (!store || made.length > 1) return refusal('it is made in pieces');
  const step = form.steps.find(({ stores }) => stores.includes(store)) as Form['steps'][number];
  const axes = [...form.rows, ...step.axes];
  const layout = layoutOf(store.index, { axes, extents: form.extents, size });
  if (!layout) return refusal('it is not made densely');
  return { kind: 'made' as const, store, step, layout: { ...layout, count: form.extents.length } };
}

/** Replaces the loads of a value by what a kernel of independent elements computes it from. */
export function inlined(
  reader: Form,
  { producer, value, size }: { producer: Form; value: number; size: number },
): Inlining | Refusal {
  const made = makerOf(producer, value, size);
  if (made.kind === 'apart') return made;
  const loads = loadsOfValue(reader, value);
  if (loads.some(({ dtype }) => dtype !== made.store.dtype))
    return refusal('it is read as another dtype');
  const aligned = align(reader, (form) => loadsOfValue(form, value), made.layout);
  if (aligned.kind === 'apart') return aligned;
  return { form: withoutLoads(aligned, value, made.store), aligned };
}

/** The form with the expression of a store in place of the loads of its value. */
export function withoutLoads(
  { form, places }: Extract<Aligned, { kind: 'aligned' }>,
  value: number,
  { expression }: Store,
  register = 0,
): Form {
  const axes = form.extents.length;
  const computed = new Map<string, Expression>();
  for (const [key, { positions, bounds }] of places) {
    const moved = mover({ positions, axes, register })(expression);
    computed.set(key, moved);
    if (bounds.length > 0) computed.set(key, guarded(moved, bounds));
  }
  const rewrite = rewriter((part) => {
    if (part.kind !== 'load' || part.buffer !== value) return undefined;
    const replacement = computed.get(loadKey(part)) as Expression;
    if (part.bounds.length === 0) return replacement;
    return elsewhere(replacement, part);
  });
  return mapForm(form, rewrite);
}

/** Reads nothing outside of the bounds. */
function guarded(expression: Expression, bounds: readonly Bound[]): Expression {
  return rewriter((part) =>
    part.kind === 'load' ? { ...part, bounds: [...part.bounds, ...bounds] } : undefined,
  )(expression);
}

/** The value inside of the bounds of the load that it replaces, and what that gave elsewhere. */
function elsewhere(value: Expression, { bounds, otherwise, dtype }: Load): Expression {
  if (value.kind === 'load' && value.bounds.length === bounds.length)
    return { ...value, otherwise };
  const inside = bounds
    .map(({ index, size }) => {
      const at: Expression = { kind: 'index', dtype: 'int32', index };
      const number = (of: number): Expression => ({ kind: 'const', dtype: 'int32', value: of });
      return call('and', call('not', call('less', at, number(0))), call('less', at, number(size)));
    })
    .reduce((all, one) => call('and', all, one));
  const fallback = dtype === 'int64' ? BigInt(Math.trunc(otherwise)) : otherwise;
  return select(inside, value, { kind: 'const', dtype, value: fallback });
}
