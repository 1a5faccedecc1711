import { GraphError } from '../../errors.js';
import type { Tensor } from '../../graph/tensor.js';

/** Indices of each operand and of the result; those that an ellipsis stands for are named `0`, `1`, ... */
export interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
}

const refuse = (what: string, operands: readonly Tensor[]): never => {
  throw new GraphError('ATTRIBUTE_INVALID', 'einsum', {
    what,
    given: { operands },
    fix: "write one letter for every axis, for example 'bij,bjk->bik'.",
  });
};

const pattern = /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/;

/** The letters of one operand, with its ellipsis written out for `broadcast` axes. */
function indicesOf(term: string, broadcast: readonly string[]): string[] {
  return term.split(/(\.\.\.)/).flatMap((part) => (part === '...' ? [...broadcast] : [...part]));
}

/** How many axes an ellipsis stands for in an operand. */
function hiddenAxes(term: string, operand: Tensor, operands: readonly Tensor[]): number {
  const letters = term.replace('...', '').length;
  const hidden = operand.rank - letters;
  if (hidden < 0 || (hidden > 0 && !term.includes('...'))) {
    refuse(`${term || "''"} does not name the ${operand.rank} axes of its operand.`, operands);
  }
  return hidden;
}

// Without an arrow: what the ellipses stand for, then every letter that occurs once, in alphabetical order.
function implicitResult(terms: readonly string[]): string {
  const letters = [...terms.join('').replaceAll('.', '')].sort();
  const single = letters.filter(
    (letter) => letters.indexOf(letter) === letters.lastIndexOf(letter),
  );
  return `${terms.some((term) => term.includes('...')) ? '...' : ''}${single.join('')}`;
}

/** Reads an equation for these operands. Errors: ATTRIBUTE_INVALID. */
export function readEquation(text: string, operands: readonly Tensor[]): Equation {
  const [left = '', right, ...more] = text.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  const wanted = right ?? implicitResult(terms);
  if (more.length > 0) refuse(`'${text}' has more than one arrow.`, operands);
  const malformed = [...terms, wanted].find((term) => !pattern.test(term));
  if (malformed !== undefined)
    refuse(`'${malformed}' is not a list of letters with at most one ellipsis.`, operands);
  if (terms.length !== operands.length)
    refuse(`'${text}' is for ${terms.length} operands, ${operands.length} were given.`, operands);
  const hidden = terms.map((term, i) => hiddenAxes(term, operands[i] as Tensor, operands));
  const most = Math.max(...hidden);
  const names = Array.from({ length: most }, (_, i) => String(i));
  const result = indicesOf(wanted, names);
  const read = terms.map((term, i) => indicesOf(term, names.slice(most - (hidden[i] as number))));
  const known = new Set(read.flat());
  const stray = result.find((index, i) => !known.has(index) || result.indexOf(index) !== i);
  if (stray !== undefined)
    refuse(`the result names '${stray}' twice or no operand does.`, operands);
  if (most > 0 && !wanted.includes('...'))
    refuse('the result has no place for the axes of the ellipsis.', operands);
  return { operands: read, result };
}
