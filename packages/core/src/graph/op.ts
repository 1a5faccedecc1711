import { z } from 'zod';
import { GraphError } from '../errors.js';
import type { LowerContext, Lowering } from '../lower/lowering.js';
import { parseOptions } from '../options.js';
import type { AxisRange, Cut } from '../sharding/cut.js';
import type { Func } from './func.js';
import type { HostTensor } from './host-tensor.js';
import { checkedShape } from './shape.js';
import { type Attrs, Node, type NodeParts, type Tensor, type TensorSpec } from './tensor.js';

/**
 * What shared code must know of an op that is not a pure function of its inputs:
 * `input` values come from outside (identity counts), `variable` is state, `read` is state at its place in the run,
 * `update` sets state at the end of the run,
 * `random` is pure for one run and seed, `host` has effects that must happen once and in order.
 */
export type OpRole = 'pure' | 'input' | 'variable' | 'read' | 'update' | 'random' | 'host';

/** Names of the inputs; the last may be variadic, written `...values`. */
export type InputNames = readonly string[];
export type Key<S extends string> = S extends `...${infer Rest}` ? Rest : S;

/** The inputs by name; a variadic one is a list. */
export type Named<I extends InputNames, T> = {
  readonly [S in I[number] as Key<S>]: S extends `...${string}` ? readonly T[] : T;
};

export type GradientContext<I extends InputNames> = Named<I, Tensor> & {
  readonly y: Tensor;
  readonly dy: Tensor;
  readonly ys: readonly Tensor[];
  /** `null` where nothing depends on that output. */
  readonly dys: readonly (Tensor | null)[];
};

type GradientResult<I extends InputNames> = {
  readonly [S in I[number] as Key<S>]?: S extends `...${string}`
    ? readonly (Tensor | null)[]
    : Tensor | null;
};

export type AttrSchema = z.ZodType<Record<string, unknown>>;

/** A smaller application of the same op. */
export interface Pruned {
  readonly attrs: Attrs;
  /** Places of the inputs that stay, rising. */
  readonly inputs: readonly number[];
  /** Places of the outputs that stay, rising. */
  readonly outputs: readonly number[];
}

/**
 * What an op repeats along rows: a body that takes state, one row of each sequence, and captures, and gives the next state and
 * rows of outputs. The op's inputs and outputs come in the same order.
 */
export interface Repetition {
  readonly body: Func;
  readonly carries: number;
  readonly sequences: number;
  readonly length: number;
}

/** Sums over the turns of a loop, as an op's rule asks for them. */
export interface TurnSums {
  /** All rows of a value that each turn makes, stacked; null for what is the same at every turn. */
  rows(tensor: Tensor): Tensor | null;
  /** The sum of a value over all turns, or null where adding turn by turn is as good. */
  total(tensor: Tensor): Tensor | null;
}

export interface OpDefinition<I extends InputNames, S extends AttrSchema> {
  readonly name: string;
  readonly inputs: I;
  readonly attrs?: S;
  readonly role?: OpRole;
  /** Inputs of which only the shape is used; their values are never computed for this op's sake. */
  readonly shapeOnly?: readonly Key<I[number]>[];
  /** Inputs that hold whole numbers, such as indices: numbers given for them become int32. */
  readonly integer?: readonly Key<I[number]>[];
  /** The inputs are broadcast to one shape, so each gradient is summed back to its input's shape. */
  readonly broadcasts?: boolean;
  /** The inputs are wanted for the sake of their effects only; the output holds nothing of their values. */
  readonly effectsOnly?: boolean;
  /** For `grad: null`: what to do instead, told to whoever asks for the gradient. */
  readonly gradientAdvice?: string;
  /** dtype and shape of the output(s), from what is known of the inputs; throws when they do not fit. */
  infer(inputs: Named<I, Tensor>, attrs: z.output<S>): TensorSpec | readonly TensorSpec[];
  /**
   * Adjoint: from dy to the inputs' gradients. `null`: not differentiable, on purpose. `'zero'`: the derivative is zero almost everywhere.
   * `'expand'`: the gradient of what the op expands to.
   */
  readonly grad:
    | null
    | 'zero'
    | 'expand'
    | ((context: GradientContext<I>, attrs: z.output<S>) => GradientResult<I>);
  /** A primitive's meaning: a kernel of loops, a template, an alias, a region. */
  lower?(context: LowerContext<Named<I, TensorSpec>, z.output<S>>): Lowering;
  /** A composite's meaning, built of other ops once every shape is known; null where this application lowers by itself. */
  expand?(inputs: Named<I, Tensor>, attrs: z.output<S>): Tensor | readonly Tensor[] | null;
  /** A host op's meaning: plain TypeScript over host tensors. */
  run?(inputs: Named<I, HostTensor>, attrs: z.output<S>): HostTensor | readonly HostTensor[];
  /** For ops that hold functions: by attribute, dtype and shape of each parameter as the inputs give them. */
  bodies?(
    inputs: Named<I, Tensor>,
    attrs: z.output<S>,
  ): Readonly<Record<string, readonly TensorSpec[]>>;
  /** For ops of several outputs: what of this application is needed for the outputs in use. Called when every shape is known. */
  prune?(used: readonly boolean[], inputs: Named<I, Tensor>, attrs: z.output<S>): Pruned;
  /** An equal but cheaper tensor for this application, or null. Called when every shape is known. */
  simplify?(inputs: Named<I, Tensor>, attrs: z.output<S>): Tensor | null;
  /**
   * The application on all rows of `stacked` inputs at once, which have one axis more in front, as the result has; the others
   * serve every row. Null where it has no such form. Called when every shape is known.
   */
  overRows?(
    inputs: Named<I, Tensor>,
    attrs: z.output<S>,
    stacked: Named<I, boolean>,
  ): Tensor | null;
  /**
   * An equal application for a body that is repeated, told which inputs are the same at every turn: work on these alone moves
   * out of the loop. Null where there is nothing to gain. Called when every shape is known.
   */
  inTurns?(inputs: Named<I, Tensor>, attrs: z.output<S>, same: Named<I, boolean>): Tensor | null;
  /** Whether the result is the sum of the inputs. */
  readonly adds?: boolean;
  /** The sum of the application over all turns of a loop by one that works on all rows; null where it has no such form. */
  totalOverTurns?(inputs: Named<I, Tensor>, attrs: z.output<S>, turns: TurnSums): Tensor | null;
  /** The ways to compute the application piece by piece; of one output only. Called when every shape is known. */
  cuts?(inputs: Named<I, Tensor>, attrs: z.output<S>): readonly Cut[];
  /** Axis along which the result is the inputs one after the other. */
  joins?(inputs: Named<I, Tensor>, attrs: z.output<S>): number;
  /** The range of one axis of the only input that the result is; null where it is something else. Called when every shape is known. */
  takes?(
    inputs: Named<I, Tensor>,
    attrs: z.output<S>,
  ): (AxisRange & { readonly axis: number }) | null;
  /** For ops that repeat a function: how to read an application, and the attributes of another repetition. */
  readonly repeats?: {
    read(inputs: Named<I, Tensor>, attrs: z.output<S>): Repetition;
    attrs(repetition: Repetition, attrs: z.output<S>): z.output<S>;
  };
}

/** An op with its types erased: what nodes hold and shared code reads. */
export interface OpInfo {
  readonly name: string;
  readonly inputNames: InputNames;
  readonly schema: AttrSchema;
  readonly role: OpRole;
  /** Positions of inputs of which only the shape is used. */
  readonly shapeOnly: ReadonlySet<number>;
  readonly differentiable: 'yes' | 'zero' | 'no';
  readonly definition: OpDefinition<InputNames, AttrSchema>;
}

/** Whether a value is an op: what attributes, lists of ops and modules may hold besides other things. */
export const isOp = (value: unknown): value is OpInfo =>
  value !== null &&
  (typeof value === 'function' || typeof value === 'object') &&
  'definition' in value &&
  'inputNames' in value;

/** The inputs by name, as definitions see them. */
export function namedInputs<T>(op: OpInfo, inputs: readonly T[]): Readonly<Record<string, T>> {
  const named: Record<string, T | readonly T[]> = {};
  op.inputNames.forEach((name, i) => {
    if (name.startsWith('...')) named[name.slice(3)] = inputs.slice(i);
    else named[name] = inputs[i] as T;
  });
  return named as Record<string, T>;
}

/** Applies an op to tensors, without scope or conversion: for passes and parsers. Errors: those of the op's `infer`. */
export function makeNode(parts: NodeParts): Node {
  const { op, attrs } = parts;
  const inferred = op.definition.infer(namedInputs(op, parts.inputs) as never, attrs as never);
  const specs = Array.isArray(inferred) ? (inferred as TensorSpec[]) : [inferred as TensorSpec];
  for (const { shape } of specs) checkedShape(shape, op.name);
  return new Node(parts, specs);
}

/** Reads attributes by the op's schema. Errors: ATTRIBUTE_INVALID. */
export const parseAttrs = (op: OpInfo, given: unknown): Attrs =>
  parseOptions(op.name, op.schema, given);

const noAttrs = z.strictObject({});

/** What shared code reads of a definition. */
export function opInfo<I extends InputNames, S extends AttrSchema>(
  definition: OpDefinition<I, S>,
): OpInfo {
  const names: readonly string[] = definition.inputs.map((name) => name.replace('...', ''));
  const { grad } = definition;
  const reserved = typeof grad === 'function' ? ['y', 'ys', 'dy', 'dys'] : ['y', 'ys'];
  const taken = names.find((name) => reserved.includes(name));
  if (taken) {
    const meaning = taken.startsWith('d') ? 'the gradient of the result' : 'the result';
    throw new GraphError('GRAPH_INVALID', definition.name, {
      what: `an input is named ${taken}, which in a gradient means ${meaning}.`,
      fix: 'give the input another name.',
    });
  }
  return {
    name: definition.name,
    inputNames: definition.inputs,
    schema: definition.attrs ?? (noAttrs as unknown as S),
    role: definition.role ?? 'pure',
    shapeOnly: new Set((definition.shapeOnly ?? []).map((name) => names.indexOf(name))),
    differentiable: grad === null ? 'no' : grad === 'zero' ? 'zero' : 'yes',
    definition: definition as never,
  };
}
