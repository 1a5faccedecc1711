import { Func } from '../graph/func.js';
import { makeNode, namedInputs, type Pruned } from '../graph/op.js';
import { topologicalOrder, withInputs } from '../graph/rewrite.js';
import type { Attrs, Node, Tensor } from '../graph/tensor.js';
import { effectful, hasEffects } from './effects.js';
import type { Pass } from './pass.js';

/**
 * Drops what no root needs: outputs of loops and branches that nothing uses, with the state and captures that only they
 * needed, inputs that are wanted for effects but have none, and order edges from nodes without effects.
 */
export const deadCode: Pass = { name: 'deadCode', run: dropUnused };

// What a loop inside a body no longer takes may free more of the body around it.
const mostRounds = 4;

function dropUnused(roots: readonly Tensor[]): Tensor[] {
  let results = [...roots];
  for (let round = 0; round < mostRounds; round++) {
    const next = new Sweep(results).results();
    if (next.every((result, i) => result === results[i])) break;
    results = next;
  }
  return results;
}

/** What is left of a node. */
type Rest = Pruned & { readonly controls: readonly Node[] };

class Sweep {
  private readonly roots: readonly Tensor[];
  private readonly order: readonly Node[];
  private readonly rests = new Map<Node, Rest>();
  private readonly swept = new Map<Node, Attrs>();
  private readonly replaced = new Map<Tensor, Tensor>();

  constructor(roots: readonly Tensor[]) {
    this.roots = roots;
    this.order = topologicalOrder(roots.map(({ node }) => node));
  }

  results(): Tensor[] {
    this.mark();
    for (const node of this.order) if (this.rests.has(node)) this.rebuild(node);
    return this.roots.map((root) => this.replaced.get(root) as Tensor);
  }

  /** Users before what they use, so that what a user drops is not marked. */
  private mark(): void {
    const effects = effectful(this.order);
    const used = new Set<Tensor>(this.roots);
    const needed = new Set<Node>(this.roots.map(({ node }) => node));
    for (const node of [...this.order].reverse()) {
      if (!needed.has(node)) continue;
      const rest = this.rest(node, used, effects);
      this.rests.set(node, rest);
      for (const place of rest.inputs) {
        const input = node.inputs[place] as Tensor;
        used.add(input);
        needed.add(input.node);
      }
      for (const control of rest.controls) needed.add(control);
    }
  }

  private rest(node: Node, used: ReadonlySet<Tensor>, effects: ReadonlySet<Node>): Rest {
    const { op, inputs, outputs } = node;
    const attrs = swept(node.attrs);
    this.swept.set(node, attrs);
    const controls = node.controls.filter((control) => effects.has(control));
    const { prune, effectsOnly } = op.definition;
    const inUse = outputs.map((output) => used.has(output));
    if (prune && !hasEffects(node))
      return { ...prune(inUse, namedInputs(op, inputs) as never, attrs as never), controls };
    const kept = inputs.flatMap((input, i) => (effectsOnly && !effects.has(input.node) ? [] : [i]));
    return { attrs, inputs: kept, outputs: outputs.map((_, i) => i), controls };
  }

  private rebuild(node: Node): void {
    const rest = this.rests.get(node) as Rest;
    const inputs = rest.inputs.map(
      (place) => this.replaced.get(node.inputs[place] as Tensor) as Tensor,
    );
    const controls = rest.controls.map((control) => this.nodeOf(control));
    const whole =
      rest.inputs.length === node.inputs.length && rest.outputs.length === node.outputs.length;
    // Where all inputs and outputs stay, so do the functions, except for what was dropped inside of them.
    const attrs = whole ? (this.swept.get(node) as Attrs) : rest.attrs;
    const { outputs } = whole
      ? withInputs(node, inputs, controls, attrs)
      : makeNode({ ...partsOf(node), inputs, controls, attrs });
    rest.outputs.forEach(
      (place, i) => void this.replaced.set(node.outputs[place] as Tensor, outputs[i] as Tensor),
    );
  }

  private nodeOf(control: Node): Node {
    const output = control.outputs.find((tensor) => this.replaced.has(tensor)) as Tensor;
    return (this.replaced.get(output) as Tensor).node;
  }
}

const partsOf = ({ op, device, path, region }: Node) => ({ op, device, path, region });

/** Attributes with dead code dropped from the functions among them. */
function swept(attrs: Attrs): Attrs {
  let result = attrs;
  for (const [name, value] of Object.entries(attrs)) {
    if (!(value instanceof Func)) continue;
    const results = dropUnused(value.results);
    if (results.some((tensor, i) => tensor !== value.results[i])) {
      result = { ...result, [name]: new Func(value.params, results) };
    }
  }
  return result;
}
