import type { z } from 'zod';
import { GraphError } from '../errors.js';
import { constantOf, integerConstantOf, type TensorLike } from './constant.js';
import {
  type AttrSchema,
  type InputNames,
  makeNode,
  type OpDefinition,
  type OpInfo,
  opInfo,
  parseAttrs,
} from './op.js';
import { currentScope } from './scope.js';
import { Tensor } from './tensor.js';

type Arguments<I extends InputNames> = {
  [K in keyof I]: I[K] extends `...${string}` ? readonly TensorLike[] : TensorLike;
};

type Result<Outputs> = Outputs extends 'many' ? readonly Tensor[] : Tensor;

/** An op is called with its inputs in order, then one object of attributes. */
export type Op<I extends InputNames, S extends AttrSchema = AttrSchema, Outputs = 'one'> = OpInfo &
  ((...args: [...Arguments<I>, attrs?: z.input<S> | undefined]) => Result<Outputs>);

function collectInputs(op: OpInfo, args: readonly unknown[]): Tensor[] {
  const integer: readonly string[] = op.definition.integer ?? [];
  const given: { value: TensorLike; whole: boolean }[] = [];
  op.inputNames.forEach((name, i) => {
    const key = name.replace('...', '');
    const values = key === name ? [args[i] as TensorLike] : listed(args[i], `${op.name}: ${key}`);
    given.push(...values.map((value) => ({ value, whole: integer.includes(key) })));
  });
  const like = given.find(({ value, whole }) => !whole && value instanceof Tensor)?.value as
    | Tensor
    | undefined;
  return given.map(({ value, whole }, i) => {
    const where = `${op.name}: input ${i}`;
    return whole ? integerConstantOf(value, where) : constantOf(value, like, where);
  });
}

function listed(values: unknown, where: string): readonly TensorLike[] {
  if (Array.isArray(values)) return values as readonly TensorLike[];
  throw new GraphError('VALUE_INVALID', where, {
    what: 'the inputs are not in a list.',
    fix: 'give an array of tensors.',
  });
}

function define(definition: OpDefinition<InputNames, AttrSchema>, many: boolean): OpInfo {
  const op = ((...args: unknown[]) => {
    const { device, path, controls, region } = currentScope();
    const inputs = collectInputs(op, args);
    const attrs = parseAttrs(op, args[op.inputNames.length]);
    const { outputs } = makeNode({ op, inputs, attrs, controls, device, path, region });
    return many ? outputs : (outputs[0] as Tensor);
  }) as unknown as OpInfo;
  Object.defineProperty(op, 'name', { value: definition.name });
  const { name: _, ...info } = opInfo(definition);
  return Object.assign(op as object, info) as OpInfo;
}

/** Defines an op of one output: shapes, gradient and meaning in one place. The built-in ops are defined by it too. */
export function defineOp<
  const I extends InputNames,
  S extends AttrSchema = z.ZodObject<Record<never, never>>,
>(definition: OpDefinition<I, S>): Op<I, S> {
  return define(definition as never, false) as Op<I, S>;
}

/** Defines an op of several outputs; calls return them as a list. */
export function defineMultiOp<
  const I extends InputNames,
  S extends AttrSchema = z.ZodObject<Record<never, never>>,
>(definition: OpDefinition<I, S>): Op<I, S, 'many'> {
  return define(definition as never, true) as Op<I, S, 'many'>;
}
