import { param } from '../../graph/region.js';
import { rewriteGraph, topologicalOrder, withInputs } from '../../graph/rewrite.js';
import type { Tensor } from '../../graph/tensor.js';
import { bodyOrder, type Carry, endsOf, type LoopForm, loopNode } from './loop-form.js';

/**
 * Results of a loop while it is being changed: expressions around it are written over parameters that stand for what the
 * loop will give, and only what they use is handed out in the end.
 */
export class Stacks {
  private readonly form: LoopForm;
  private readonly varying: ReadonlySet<Tensor>;
  private readonly rows = new Map<Tensor, Tensor>();
  private readonly last = new Map<Carry, Tensor>();

  constructor(form: LoopForm) {
    this.form = form;
    this.varying = varyingIn(form);
  }

  /** All rows of a value of the body; null for what is the same at every turn. */
  rowsOf(tensor: Tensor): Tensor | null {
    const sequence = this.form.sequences.find((one) => one.param === tensor);
    if (sequence) return sequence.value;
    return this.varying.has(tensor) ? this.stack(tensor) : null;
  }

  /** All rows of a value of the body that the loop hands out. */
  stack(tensor: Tensor): Tensor {
    const { dtype, shape } = tensor;
    const rows = this.rows.get(tensor) ?? param({ dtype, shape: [this.form.length, ...shape] });
    this.rows.set(tensor, rows);
    return rows;
  }

  /** The state after the last turn. */
  end(carry: Carry): Tensor {
    const end = param(carry.start);
    this.last.set(carry, end);
    return end;
  }

  get stacked(): Tensor[] {
    return [...this.rows.keys()];
  }

  /** The expressions over the loop that is left: it carries what has an end, and hands out the rows that are used. */
  results(expressions: readonly Tensor[]): Tensor[] {
    const used = new Set(topologicalOrder(expressions.map(({ node }) => node)));
    const rows = [...this.rows].filter(([, stack]) => used.has(stack.node));
    const carries = [...this.last];
    if (rows.length + carries.length === 0) return [...expressions];
    const { outputs } = loopNode({
      ...this.form,
      carries: carries.map(([carry]) => carry),
      outputs: rows.map(([tensor]) => tensor),
    });
    const made = [...carries, ...rows].map(
      ([, proxy], i) => [proxy, outputs[i] as Tensor] as const,
    );
    return rewriteGraph(expressions, (...parts) => withInputs(...parts).outputs, new Map(made))
      .results;
  }
}

/** What differs from turn to turn. */
function varyingIn(form: LoopForm): Set<Tensor> {
  const found = new Set([...form.carries, ...form.sequences].map((one) => one.param));
  for (const node of bodyOrder(endsOf(form))) {
    const { role, definition } = node.op;
    // Functions may draw random numbers.
    const differs = role === 'random' || definition.bodies !== undefined;
    if (differs || node.inputs.some((input) => found.has(input)))
      for (const output of node.outputs) found.add(output);
  }
  return found;
}
