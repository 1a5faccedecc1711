import type { Affine, Expression, Statement } from '@tenon/core';

/** What becomes of an index: one into a buffer, or of a bound or position, which have none. */
type Move = (index: Affine, buffer?: number) => Affine;

/** A statement with every index moved. */
export function moved(statement: Statement, move: Move): Statement {
  switch (statement.kind) {
    case 'for':
      return { ...statement, body: statement.body.map((one) => moved(one, move)) };
    case 'barrier':
      return statement;
    case 'store':
      return {
        ...statement,
        index: move(statement.index, statement.buffer),
        value: movedIn(statement.value, move),
      };
    default:
      return { ...statement, value: movedIn(statement.value, move) };
  }
}

function movedIn(expression: Expression, move: Move): Expression {
  const inside = (part: Expression) => movedIn(part, move);
  switch (expression.kind) {
    case 'load': {
      const bounds = expression.bounds.map((bound) => ({ ...bound, index: move(bound.index) }));
      return { ...expression, index: move(expression.index, expression.buffer), bounds };
    }
    case 'index':
      return { ...expression, index: move(expression.index) };
    case 'call':
      return { ...expression, args: expression.args.map(inside) };
    case 'select':
      return {
        ...expression,
        condition: inside(expression.condition),
        whenTrue: inside(expression.whenTrue),
        whenFalse: inside(expression.whenFalse),
      };
    case 'cast':
    case 'bitcast':
      return { ...expression, value: inside(expression.value) };
    default:
      return expression;
  }
}
