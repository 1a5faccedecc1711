import type { Expression, Statement } from '@tenon/core';

/** Numbers expressions so that equal ones have one number: what is computed twice in a body is computed once. */
export class ExpressionKeys {
  private readonly numbers = new Map<string, number>();
  private readonly known = new WeakMap<Expression, number>();

  of(expression: Expression): number {
    const known = this.known.get(expression);
    if (known !== undefined) return known;
    const text = this.text(expression);
    const number = this.numbers.get(text) ?? this.numbers.size;
    this.numbers.set(text, number);
    this.known.set(expression, number);
    return number;
  }

  /** Of the expressions that occur more than once in statements. */
  repeated(statements: readonly Statement[]): ReadonlySet<number> {
    const counts = new Map<number, number>();
    for (const part of parts(expressionsOf(statements))) {
      const key = this.of(part);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return new Set([...counts].flatMap(([key, count]) => (count > 1 ? [key] : [])));
  }

  private text(expression: Expression): string {
    const { kind, dtype } = expression;
    switch (kind) {
      case 'load': {
        const { buffer, index, bounds, otherwise } = expression;
        return `load ${dtype} ${buffer} ${JSON.stringify([index, bounds])} ${numberText(otherwise)}`;
      }
      case 'const':
        return `const ${dtype} ${numberText(expression.value)}`;
      case 'index':
        return `index ${dtype} ${JSON.stringify(expression.index)}`;
      case 'register':
        return `register ${expression.register}`;
      case 'call':
        return `${expression.fn} ${dtype} ${expression.args.map((arg) => this.of(arg))}`;
      default:
        return `${kind} ${dtype} ${operands(expression).map((operand) => this.of(operand))}`;
    }
  }
}

const numberText = (value: number | bigint): string =>
  typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : `${value}`;

export function operands(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'call':
      return expression.args;
    case 'select':
      return [expression.condition, expression.whenTrue, expression.whenFalse];
    case 'cast':
    case 'bitcast':
      return [expression.value];
    default:
      return [];
  }
}

/** The expressions that statements compute, those of loops inside included. */
export function expressionsOf(statements: readonly Statement[]): Expression[] {
  return statements.flatMap((statement) => {
    if (statement.kind === 'for') return expressionsOf(statement.body);
    return 'value' in statement ? [statement.value] : [];
  });
}

/** Every expression in these, itself and its parts. */
export function* parts(expressions: Iterable<Expression>): Generator<Expression> {
  for (const expression of expressions) {
    yield expression;
    yield* parts(operands(expression));
  }
}
