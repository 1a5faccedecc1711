import type { Kernel, Statement } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import type { Finished } from '../gemm/engine.js';
import { BodyValues, type KernelScope, type Lanes } from './body-values.js';
import { ExpressionKeys } from './expression-keys.js';
import type { KernelFunction } from './kernel-function.js';
import { Pointers } from './pointers.js';
import { storeValue } from './store.js';
import { getter, typeOf, unmasked, type Value } from './value.js';

/** Axes of a finish. */
const rows = 0;
const columns = 1;

type Straight = Exclude<Statement, { kind: 'for' | 'barrier' }>;

/**
 * What a finish does to elements of a template's result: the value becomes that of the first output, which the template stores;
 * the other outputs are stored here. Its inputs are the last ones of the kernel.
 */
export function finishing(k: KernelFunction, finish: Kernel): (finished: Finished) => Code {
  const own = finish.buffers.filter(({ access }) => access === 'read').length;
  const bases = [...k.inputs.slice(k.inputs.length - own), ...k.outputs];
  const keys = new ExpressionKeys();
  const statements = finish.body as readonly Straight[];
  const repeated = keys.repeated(statements);
  return ({ value, row, column, count }) => {
    const pointers = new Pointers(k.f, finish, bases);
    const positions = new Map([
      [rows, row.get],
      [columns, column.get],
    ]);
    const scope: KernelScope = { k, kernel: finish, keys, pointers, positions, width: 4 };
    const lanes: Lanes = { axis: columns, copy: 0, ...(count < 4 ? { count } : {}) };
    const registers = new Map<number, Value>([[0, getter('f32', value)]]);
    const values = new BodyValues(scope, lanes, {
      registers: (register) => registers.get(register) as Value,
      repeated,
      before: new Map(),
    });
    const result = k.f.v128();
    const write = (statement: Straight): Code => {
      const given = values.value(statement.value);
      if (statement.kind === 'store') {
        const first = statement.buffer === own;
        return first ? result.set(given.code) : storeValue(scope, lanes, statement, given);
      }
      const { kind, code } = unmasked(given);
      const local = k.f.local(typeOf(kind));
      registers.set(statement.register, getter(kind, local));
      return local.set(code);
    };
    return seq(pointers.start(positions), ...statements.map(write), value.set(result.get));
  };
}
