import type { Expression, Kernel, Template, TypedArray } from '@tenon/core';
import type { KernelFunction } from '../src/emit/kernel-function.js';
import type { Code } from '../src/encoder/code.js';
import type { Given } from '../src/templates/template.js';
import { arrayOf, bytesOf, differences, type Random } from './conv-data.js';
import { runKernel } from './run-kernel.js';

const dtype = 'float32';

/** The element plus a bias of its column plus an element of the same place; the element itself is the second output. */
function biased(rows: number, columns: number): Kernel {
  const dense = { offset: 0, strides: [columns, 1] };
  const load = (buffer: number, strides: readonly number[]): Expression => ({
    ...{ kind: 'load', dtype, buffer, bounds: [], otherwise: 0 },
    index: { offset: 0, strides },
  });
  const plus = (a: Expression, b: Expression): Expression => ({
    ...{ kind: 'call', dtype, fn: 'add', args: [a, b] },
  });
  const element: Expression = { kind: 'register', dtype, register: 0 };
  const sum = plus(plus(element, load(0, [0, 1])), load(1, [columns, 1]));
  const buffer = (access: 'read' | 'write') => ({ dtype, access }) as const;
  return {
    axes: [rows, columns].map((extent) => ({ extent, role: 'parallel' })),
    buffers: [buffer('read'), buffer('read'), buffer('write'), buffer('write')],
    registers: [{ dtype }],
    body: [
      { kind: 'store', buffer: 2, index: dense, value: sum },
      { kind: 'store', buffer: 3, index: dense, value: element },
    ],
  };
}

interface Finished {
  readonly emit: (template: never, k: KernelFunction, given?: Given) => Code;
  readonly template: Template;
  readonly inputs: readonly TypedArray[];
  /** What the template gives without a finish. */
  readonly plain: TypedArray;
  readonly columns: number;
  readonly random: Random;
}

/** What a template gives with a finish beside what it gives without, for several numbers of threads. */
export function finishDifferences(given: Finished): string[] {
  const { emit, template, plain, columns, random } = given;
  const rows = plain.length / columns;
  const values = (length: number) => Array.from({ length }, () => Math.round(random() * 16) / 4);
  const bias = values(columns);
  const other = values(plain.length);
  const finish = biased(rows, columns);
  const inputs = [...given.inputs, arrayOf(dtype, bias), arrayOf(dtype, other)];
  const wanted = Array.from(plain as Float32Array, (value, i) =>
    Math.fround(Math.fround(value + (bias[i % columns] as number)) + (other[i] as number)),
  );
  return [1, 3].flatMap((threads) => {
    const outputs = [new Float32Array(plain.length), new Float32Array(plain.length)] as const;
    const write = (k: KernelFunction) => emit(template as never, k, { finish, inputs: [] });
    runKernel(write, { inputs, outputs, threads, passes: 2 });
    const kept = String(bytesOf(outputs[1])) === String(bytesOf(plain));
    return [
      ...differences([...outputs[0]], wanted, 0),
      ...(kept ? [] : [`${threads} threads: the second output is not the element itself`]),
    ];
  });
}
