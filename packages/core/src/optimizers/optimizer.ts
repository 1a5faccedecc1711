import { gradients } from '../autodiff/gradients.js';
import { GraphError } from '../errors.js';
import { constant } from '../graph/constant.js';
import type { Tensor } from '../graph/tensor.js';
import { type Variable, variable } from '../graph/variable.js';
import { add } from '../ops/arithmetic/add.js';
import { mul } from '../ops/arithmetic/mul.js';
import { sub } from '../ops/arithmetic/sub.js';
import { cast } from '../ops/casting/cast.js';
import { broadcastLike } from '../ops/shape/broadcast-like.js';
import { assign } from '../ops/state/assign.js';
import { group } from '../ops/state/group.js';
import { clippedGradients } from './clipping.js';
import type { OptimizerConfig } from './config.js';

/** What a rule sees: all tensors are values from before the step. */
export interface UpdateContext<Slot extends string> {
  readonly value: Tensor;
  readonly gradient: Tensor;
  /** In the dtype of the value. */
  readonly learningRate: Tensor;
  /** Number of this step, from 1, in the dtype of the value. */
  readonly step: Tensor;
  readonly slots: Readonly<Record<Slot, Tensor>>;
}

/** The new value of a variable and of its slots. */
export interface UpdateResult<Slot extends string> {
  readonly value: Tensor;
  readonly slots: Readonly<Record<Slot, Tensor>>;
}

/**
 * Turns gradients into updates of variables. Its state (learning rate, step count, slots of each variable) are variables
 * of the graph, so a step is one run and checkpoints hold all of it.
 */
export abstract class Optimizer<
  C extends OptimizerConfig = OptimizerConfig,
  Slot extends string = string,
> {
  readonly config: Readonly<C>;
  /** Assignable between steps: `session.write(optimizer.learningRate, 0.01)`. */
  readonly learningRate: Variable;
  /** Steps so far. */
  readonly iterations: Variable;
  private readonly slots = new Map<Variable, Record<Slot, Variable>>();

  constructor(config: C) {
    this.config = config;
    this.learningRate = variable(constant(config.learningRate), {
      name: 'learningRate',
      trainable: false,
    });
    this.iterations = variable(constant(0, { dtype: 'int32' }), {
      name: 'iterations',
      trainable: false,
    });
  }

  /** Name in saved models: `Adam`. */
  abstract readonly className: string;

  /** Whether the rule changes each element by its own gradient and slots alone, so that it can be applied to some rows only. */
  readonly elementwise: boolean = false;

  /** Names of the slots that each variable gets, all starting at zero. */
  protected abstract slotNames(): readonly Slot[];

  /** The mathematics of one step for one variable. */
  protected abstract update(context: UpdateContext<Slot>): UpdateResult<Slot>;

  /** One fetch that takes a step down the gradient of `loss`. Errors: NOT_DIFFERENTIABLE, ATTRIBUTE_INVALID. */
  minimize(loss: Tensor, variables: readonly Variable[]): Tensor {
    if (loss.rank !== 0) {
      throw new GraphError('SHAPE_MISMATCH', 'minimize', {
        what: 'the loss must be a scalar.',
        given: { loss },
        fix: 'take its mean or sum.',
      });
    }
    return this.apply(gradients(loss, variables), variables);
  }

  /** One fetch that applies given gradients. */
  apply(grads: readonly Tensor[], variables: readonly Variable[]): Tensor {
    if (grads.length !== variables.length || variables.length === 0) {
      throw new GraphError('ATTRIBUTE_INVALID', this.className, {
        what: `${grads.length} gradients for ${variables.length} variables.`,
        fix: 'give one gradient for each trainable variable, and at least one variable.',
      });
    }
    this.makeSlots(variables);
    const count = add(this.iterations, 1);
    const clipped = clippedGradients(grads, this.config);
    const updates = variables.flatMap((target, i) =>
      this.updatesOf(target, clipped[i] as Tensor, count),
    );
    return group([...updates, assign(this.iterations, count)]);
  }

  /** All state, named: `iterations`, `learningRate`, `<slot>/<i>` in the order of the variables. */
  variables(): { name: string; variable: Variable }[] {
    const slots = [...this.slots.values()].flatMap((own, i) =>
      this.slotNames().map((name) => ({ name: `${name}/${i}`, variable: own[name] })),
    );
    return [
      { name: 'iterations', variable: this.iterations },
      { name: 'learningRate', variable: this.learningRate },
      ...slots,
    ];
  }

  /** Makes the slots of variables before the first step needs them, and names them in the given order, others after them. */
  build(variables: readonly Variable[]): void {
    this.makeSlots(variables);
    const first = variables.map((target) => [target, this.slotsOf(target)] as const);
    const others = [...this.slots].filter(([target]) => !variables.includes(target));
    this.slots.clear();
    for (const [target, own] of [...first, ...others]) this.slots.set(target, own);
  }

  /** One slot of all variables after the other: in memory each lies as the variables do, so that a step sweeps over them. */
  private makeSlots(variables: readonly Variable[]): void {
    const missing = [...new Set(variables)].filter((target) => !this.slots.has(target));
    const made = missing.map((): Partial<Record<Slot, Variable>> => ({}));
    for (const name of this.slotNames()) {
      missing.forEach((target, i) => {
        (made[i] as Partial<Record<Slot, Variable>>)[name] = slotOf(target, name);
      });
    }
    missing.forEach((target, i) => {
      this.slots.set(target, made[i] as Record<Slot, Variable>);
    });
  }

  private slotsOf(target: Variable): Record<Slot, Variable> {
    return this.slots.get(target) as Record<Slot, Variable>;
  }

  private updatesOf(target: Variable, gradient: Tensor, count: Tensor): Tensor[] {
    const { dtype } = target;
    const slots = this.slotsOf(target);
    const learningRate = cast(this.learningRate, { dtype });
    const result = this.update({
      value: target,
      gradient,
      learningRate,
      step: cast(count, { dtype }),
      slots,
    });
    const { weightDecay } = this.config;
    // Decoupled weight decay (Loshchilov and Hutter, 2019): it does not pass through the slots.
    const decay = weightDecay ? mul(mul(learningRate, weightDecay), target) : undefined;
    const value = decay ? sub(result.value, decay) : result.value;
    return [
      assign(target, value),
      ...this.slotNames().map((name) => assign(slots[name], result.slots[name])),
    ];
  }
}

/** A slot lies beside its variable, wherever that is. */
function slotOf(target: Variable, slot: string): Variable {
  const { dtype, shape } = target;
  const zeros = broadcastLike(constant(0, { dtype }), target);
  const name = `${target.name}/${slot}`;
  return variable(zeros, { name, shape, dtype, trainable: false, beside: target });
}
