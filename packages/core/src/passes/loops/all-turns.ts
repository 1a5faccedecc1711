import { constantOp } from '../../graph/constant.js';
import { makeNode, namedInputs } from '../../graph/op.js';
import { withScope } from '../../graph/scope.js';
import type { Node, Tensor } from '../../graph/tensor.js';
import { isTemplate } from './costly.js';
import type { LoopForm } from './loop-form.js';

/** A value of a body outside of the loop: for all turns, stacked, or the same at every turn. */
export interface AllTurns {
  readonly value: Tensor;
  readonly stacked: boolean;
  /** Whether a kernel that gains by working on all turns at once is among what is computed for it. */
  readonly gains: boolean;
}

type Find = (tensor: Tensor) => AllTurns | null;

/** Values that are known without computing them: before it is tried, and where it can not be. */
interface Known {
  readonly given: Find;
  readonly otherwise: Find;
}

const nothing: Known = { given: () => null, otherwise: () => null };

/** Computes values of a body for all turns at once, in the graph around the loop. */
export class TurnValues {
  private readonly loop: Node;
  private readonly known: Known;
  private readonly found = new Map<Tensor, AllTurns | null>();

  constructor(form: LoopForm, known: Known = nothing) {
    this.loop = form.node;
    this.known = known;
    for (const { param, value } of form.sequences)
      this.found.set(param, { value, stacked: true, gains: false });
    for (const { param, value } of form.captures)
      this.found.set(param, { value, stacked: false, gains: false });
  }

  /** Null where that can not be, or not for all turns at once. */
  of(tensor: Tensor): AllTurns | null {
    let value = this.found.get(tensor);
    if (value === undefined) {
      value = this.known.given(tensor) ?? this.computed(tensor) ?? this.known.otherwise(tensor);
      this.found.set(tensor, value);
    }
    return value;
  }

  private computed(tensor: Tensor): AllTurns | null {
    const { node } = tensor;
    if (!isMovable(node)) return null;
    const { op, attrs, path, inputs } = node;
    const { region } = this.loop;
    const device = node.device ?? this.loop.device;
    const values: AllTurns[] = [];
    for (const input of inputs) {
      const value = this.of(input);
      if (!value) return null;
      values.push(value);
    }
    const own = values.map(({ value }) => value);
    if (!values.some(({ stacked }) => stacked)) {
      const { outputs } = makeNode({ op, inputs: own, attrs, controls: [], device, path, region });
      return { value: outputs[tensor.index] as Tensor, stacked: false, gains: false };
    }
    const stacked = values.map((value) => value.stacked);
    const value = withScope({ device, path, controls: [], region }, () =>
      op.definition.overRows?.(
        namedInputs(op, own) as never,
        attrs as never,
        namedInputs(op, stacked) as never,
      ),
    );
    if (!value) return null;
    return { value, stacked: true, gains: isTemplate(node) || values.some(({ gains }) => gains) };
  }
}

/**
 * Whether a node may run elsewhere: not what draws other numbers at every turn, what has an order of its own, or what holds
 * functions, in which there may be either.
 */
export const isMovable = ({ op, controls }: Node): boolean =>
  op.role === 'pure' && controls.length === 0 && op.definition.bodies === undefined;

export const isConstant = (tensor: Tensor): boolean => tensor.node.op === constantOp;
