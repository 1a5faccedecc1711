import { GraphError } from '../../errors.js';
import { constantOf, type TensorLike } from '../../graph/constant.js';
import { branch } from './branch.js';
import { flatten, type Nested, nest, sameNesting, type Tensors } from './nested.js';

/**
 * What `thenFn` returns where the predicate holds, else what `elseFn` returns; only that branch is computed. The branches are
 * functions without parameters over the tensors around them, and return a tensor or lists of tensors. Differentiable.
 * Shapes: predicate bool [], both branches the same. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH, GRAPH_INVALID.
 */
export function cond<const N extends Nested>(
  predicate: TensorLike,
  thenFn: () => N,
  elseFn: () => Nested,
): Tensors<N> {
  const returned: Nested[] = [];
  const run = (build: () => Nested) => () => {
    const value = build();
    returned.push(value);
    return flatten(value, 'cond');
  };
  const body = {
    predicate: constantOf(predicate, undefined, 'cond'),
    inputs: [],
    whenTrue: run(thenFn),
    whenFalse: run(elseFn),
  };
  const outputs = branch({
    ...body,
    whenFalse() {
      const results = body.whenFalse();
      checkNesting(returned as [Nested, Nested]);
      return results;
    },
  });
  return nest(returned[0] as N, outputs.values());
}

function checkNesting([whenTrue, whenFalse]: [Nested, Nested]): void {
  if (sameNesting(whenTrue, whenFalse)) return;
  throw new GraphError('SHAPE_MISMATCH', 'cond', {
    what: 'the branches return lists of different structure.',
    given: { whenTrue: flatten(whenTrue, 'cond'), whenFalse: flatten(whenFalse, 'cond') },
    fix: 'return the same nesting of lists from both.',
  });
}
