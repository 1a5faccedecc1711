import type { z } from 'zod';
import { constantOf, type TensorLike } from './constant.js';
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
  const given: TensorLike[] = [];
  op.inputNames.forEach((name, i) => {
    if (name.startsWith('...')) given.push(...(args[i] as readonly TensorLike[]));
    else given.push(args[i] as TensorLike);
  });
  const like = given.find((value) => value instanceof Tensor) as Tensor | undefined;
  return given.map((value, i) => constantOf(value, like, `${op.name}: input ${i}`));
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
export function defineOp<const I extends InputNames, S extends AttrSchema = z.ZodObject<Record<never, never>>>(
  definition: OpDefinition<I, S>,
): Op<I, S> {
  return define(definition as never, false) as Op<I, S>;
}

/** Defines an op of several outputs; calls return them as a list. */
export function defineMultiOp<const I extends InputNames, S extends AttrSchema = z.ZodObject<Record<never, never>>>(
  definition: OpDefinition<I, S>,
): Op<I, S, 'many'> {
  return define(definition as never, true) as Op<I, S, 'many'>;
}
