import type { Expression } from '../../loop-ir.js';
import { affineKey, loadKey, operandsOf, withOperands } from './expressions.js';

/** Finds expressions that are the same: of those there is one object. */
export class Sharing {
  private readonly shared = new Map<Expression, Expression>();
  private readonly byKey = new Map<string, Expression>();
  private readonly numbers = new Map<Expression, number>();

  /** The one expression that stands for all that are the same as this. */
  of(expression: Expression): Expression {
    const known = this.shared.get(expression);
    if (known) return known;
    const parts = operandsOf(expression).map((part) => this.of(part));
    const key = `${ownKey(expression)}(${parts.map((part) => this.numbers.get(part)).join()})`;
    const one = this.byKey.get(key) ?? withOperands(expression, parts);
    if (!this.byKey.has(key)) {
      this.byKey.set(key, one);
      this.numbers.set(one, this.numbers.size);
      this.shared.set(one, one);
    }
    this.shared.set(expression, one);
    return one;
  }
}

function ownKey(expression: Expression): string {
  const { kind, dtype } = expression;
  switch (expression.kind) {
    case 'load':
      return `load ${loadKey(expression)}`;
    case 'const':
      return `const ${dtype} ${Object.is(expression.value, -0) ? '-0' : expression.value}`;
    case 'index':
      return `index ${dtype} ${affineKey(expression.index)}`;
    case 'call':
      return `${expression.fn} ${dtype}`;
    case 'register':
      return `register ${dtype} ${expression.register}`;
    default:
      return `${kind} ${dtype}`;
  }
}
