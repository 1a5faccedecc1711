import { sameShape } from '../graph/shape.js';
import type { Tensor } from '../graph/tensor.js';
import { asVariable, type Variable } from '../graph/variable.js';
import { type PiecesOf, piecesOf } from './layout.js';

/** The variables of a session that were given a layout, and those that lie beside one of them. */
export class Layouts {
  private readonly placed = new WeakMap<Tensor, PiecesOf>();
  /** Whether there are any. */
  any = false;

  /** The pieces of a variable; undefined where it lies as one, wherever its hint says. */
  of(tensor: Tensor): PiecesOf | undefined {
    if (!this.any) return undefined;
    return this.placed.get(tensor) ?? this.besides(asVariable(tensor));
  }

  set(variable: Variable, pieces: PiecesOf): void {
    this.placed.set(variable, pieces);
    this.any = true;
  }

  private besides(variable: Variable | undefined): PiecesOf | undefined {
    const other = variable?.beside;
    const laid = other && this.of(other);
    if (!laid || (laid.pieces.length > 1 && !sameShape(variable.shape, other.shape)))
      return undefined;
    const pieces = piecesOf(variable, laid.layout, laid.pieces);
    this.placed.set(variable, pieces);
    return pieces;
  }
}
