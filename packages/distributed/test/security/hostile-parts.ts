import { defineOp, type ErrorCode, hostTensor } from '@tenon/core';
import { type Message, wire } from './wire.js';

/** An op with effects on the host, which no graph that comes to a server may hold. */
export const note = defineOp({
  name: 'note',
  inputs: [],
  role: 'host',
  infer: () => ({ dtype: 'float32', shape: [] }),
  grad: null,
  run: () => hostTensor(1),
});

/** A part of a graph that a server must refuse. */
export interface HostilePart {
  readonly why: string;
  readonly part: Uint8Array<ArrayBuffer>;
  readonly code: ErrorCode;
  readonly says: RegExp;
  /** How many variables it has. */
  readonly variables?: number;
}

// Numbers of fields are those of graph.proto: `PartDef`, `Node`, `Function`, `Value`.
const part = (...fields: Message): Uint8Array<ArrayBuffer> => wire([[1, 1], ...fields, [15, 1]]);
const node = (op: string, ...fields: Message): Message => [[1, op], ...fields];
const input = (of: number): Message[number] => [2, [[1, of]]];
const attribute = (name: string, value: Message | Uint8Array): Message[number] => [
  3,
  [
    [1, name],
    [2, value],
  ],
];
const text = (value: string): Message => [[5, value]];
const list = (items: readonly Message[]): Message => [[6, items.map((item) => [1, item] as const)]];
const numbers = (...values: readonly number[]): Message =>
  list(values.map((value) => [[3, { double: value }]]));
const spec = (...shape: readonly number[]) => [
  attribute('dtype', text('float32')),
  attribute('shape', numbers(...shape)),
];

const variable = (...shape: readonly number[]): Message =>
  node(
    'variable',
    attribute('name', text('w')),
    ...spec(...shape),
    attribute('trainable', [[2, 1]]),
  );

/** f(i + 1) calls f(i) twice: 2^i nodes in a few hundred bytes. */
const doubling = (times: number): Message =>
  Array.from({ length: times }, (_, i) => {
    const call = (of: number) => node('call', input(of), attribute('body', [[9, i - 1]]));
    const nodes =
      i === 0 ? [node('param', ...spec(1))] : [node('param', ...spec(1)), call(0), call(1)];
    return [
      3,
      [...nodes.map((one) => [1, one] as const), [2, 0], [3, [[1, nodes.length - 1]]]],
    ] as const;
  });

/** A list that holds a list, and so on. Written from the inside: the stack of this process has an end too. */
function nested(depth: number): Uint8Array {
  let value = wire(text('deep'));
  for (let i = 0; i < depth; i++) value = wire([[6, [[1, value]]]]);
  return value;
}

export const hostileParts: readonly HostilePart[] = [
  {
    why: 'an op that is not there',
    part: part([4, node('launchMissiles')]),
    code: 'NAME_UNKNOWN',
    says: /no op launchMissiles/,
  },
  {
    why: 'a host op that the server itself lists',
    part: part([4, node('note')]),
    code: 'NAME_UNKNOWN',
    says: /note has effects on the host/,
  },
  {
    why: 'an op by the name of what every object has',
    part: part([4, node('constructor')]),
    code: 'NAME_UNKNOWN',
    says: /no op constructor/,
  },
  {
    why: 'an attribute by the name of every prototype',
    part: part([4, node('neg', attribute('__proto__', text('x')))]),
    code: 'FORMAT_INVALID',
    says: /__proto__/,
  },
  {
    why: 'a node that reads one after it',
    part: part([4, node('neg', input(1))], [4, node('neg', input(0))]),
    code: 'FORMAT_INVALID',
    says: /before it/,
  },
  {
    why: 'functions that stand for 2^40 nodes',
    part: part(...doubling(40)),
    code: 'FORMAT_INVALID',
    says: /stands for more than 10000000 nodes/,
  },
  {
    why: 'attributes nested deeper than the stack',
    part: part([4, node('neg', attribute('x', nested(3000)))]),
    code: 'FORMAT_INVALID',
    says: /malformed/,
  },
  {
    why: 'a variable of more elements than there are addresses',
    part: part([4, variable(2 ** 31, 2 ** 31)]),
    code: 'SHAPE_INVALID',
    says: /more than 2\^40 elements/,
    variables: 1,
  },
  {
    why: 'a variable of a negative size',
    part: part([4, variable(-1)]),
    code: 'SHAPE_INVALID',
    says: /size that is not an integer/,
    variables: 1,
  },
  {
    why: 'a variable larger than the device',
    part: part([4, variable(2 ** 20, 2 ** 19)], [6, [[1, 0]]]),
    code: 'DEVICE_LIMIT',
    says: /would take 2199023255552 bytes/,
    variables: 1,
  },
  {
    why: 'a value that is declared larger than it is',
    part: part([
      2,
      [
        [1, 1],
        [2, 2 ** 31 - 1],
        [2, 256],
        [3, new Uint8Array(4)],
      ],
    ]),
    code: 'FORMAT_INVALID',
    says: /needs \d+ bytes and has 4/,
  },
  {
    why: 'half of a graph',
    part: wire([
      [1, 1],
      [4, node('neg')],
    ]),
    code: 'FORMAT_INVALID',
    says: /cut short/,
  },
  {
    why: 'bytes of something else',
    part: new TextEncoder().encode('#!/bin/sh\nrm -rf /'),
    code: 'FORMAT_INVALID',
    says: /malformed/,
  },
];
