import type { Bound, Expression } from '../../loop-ir.js';
import type { ScalarFunction } from '../../scalar.js';

export type Load = Extract<Expression, { kind: 'load' }>;

/** The expressions that an expression is computed from. */
export function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'call':
      return expression.args;
    case 'select':
      return [expression.condition, expression.whenTrue, expression.whenFalse];
    case 'cast':
    case 'bitcast':
      return [expression.value];
    case 'load':
    case 'const':
    case 'index':
    case 'register':
      return [];
  }
}

/** The same expression of other operands. */
export function withOperands(expression: Expression, parts: readonly Expression[]): Expression {
  switch (expression.kind) {
    case 'call':
      return { ...expression, args: parts };
    case 'select': {
      const [condition, whenTrue, whenFalse] = parts as [Expression, Expression, Expression];
      return { ...expression, condition, whenTrue, whenFalse };
    }
    case 'cast':
    case 'bitcast':
      return { ...expression, value: parts[0] as Expression };
    default:
      return expression;
  }
}

/** Replaces what `leaf` has an answer for; shared parts stay shared. */
export function rewriter(
  leaf: (expression: Expression) => Expression | undefined,
): (expression: Expression) => Expression {
  const done = new Map<Expression, Expression>();
  const rewrite = (expression: Expression): Expression => {
    const known = done.get(expression);
    if (known) return known;
    let result = leaf(expression);
    if (!result) {
      const parts = operandsOf(expression);
      const changed = parts.map(rewrite);
      result = changed.some((part, i) => part !== parts[i])
        ? withOperands(expression, changed)
        : expression;
    }
    done.set(expression, result);
    return result;
  };
  return rewrite;
}

/** Every expression below the given ones, each once, operands first. */
export function everyPart(roots: Iterable<Expression>): Set<Expression> {
  const found = new Set<Expression>();
  const visit = (expression: Expression): void => {
    if (found.has(expression)) return;
    for (const part of operandsOf(expression)) visit(part);
    found.add(expression);
  };
  for (const root of roots) visit(root);
  return found;
}

export function loadsIn(roots: Iterable<Expression>): Load[] {
  const loads: Load[] = [];
  for (const part of everyPart(roots)) if (part.kind === 'load') loads.push(part);
  return loads;
}

export const affineKey = ({ offset, strides }: Bound['index']): string =>
  `${offset}:${strides.join()}`;

/** Loads with the same key read the same. */
export const loadKey = ({ buffer, dtype, index, bounds, otherwise }: Load): string =>
  `${buffer} ${dtype} ${affineKey(index)} ${bounds
    .map((bound) => `${affineKey(bound.index)}<${bound.size}`)
    .join(' ')} ${bounds.length > 0 ? otherwise : ''}`;

/** How many additions take as long, about, where lanes work together. */
const slowFunctions: Partial<Record<ScalarFunction, number>> = {
  div: 3,
  mod: 4,
  sqrt: 4,
  rsqrt: 5,
  reciprocal: 3,
  exp: 12,
  log: 14,
  sin: 14,
  cos: 14,
  atan: 16,
  tanh: 16,
  erf: 20,
  sigmoid: 15,
  pow: 30,
};

/** What computing an expression takes, in additions; loads not counted. */
export function workOf(roots: Iterable<Expression>): number {
  let work = 0;
  for (const part of everyPart(roots)) {
    if (part.kind === 'call') work += slowFunctions[part.fn] ?? 1;
    else if (part.kind === 'select') work += 1;
    else if (part.kind === 'cast') work += 0.5;
  }
  return work;
}
