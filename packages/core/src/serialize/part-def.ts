import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { GraphError } from '../errors.js';
import type { OpInfo } from '../graph/op.js';
import type { Tensor } from '../graph/tensor.js';
import type { Part } from '../lower/lower.js';
import { allOps } from '../ops/all-ops.js';
import { receive, send } from '../placement/transfer.js';
import { decodeFunction, NodeReader } from './decode-nodes.js';
import { decodeTensor } from './decode-values.js';
import { Library, NodeTable } from './encode-graph.js';
import { formatVersion, refuse } from './format.js';
import { type PartDef, PartDefSchema, UpdateSchema } from './gen/graph_pb.js';
import { OpRegistry } from './op-registry.js';
import { Shelf } from './shelf.js';
import { refuseUnknownFields } from './unknown-fields.js';

/** A part as bytes, its nodes in their order, its variables without first values. Errors: NAME_TAKEN, GRAPH_INVALID. */
export function encodePart({ inputs, outputs, updates, nodes }: Part): Uint8Array<ArrayBuffer> {
  const library = new Library();
  const table = new NodeTable(library);
  for (const { node } of inputs) table.addNode(node);
  for (const node of nodes) table.addNode(node);
  const message = create(PartDefSchema, {
    formatVersion,
    tensors: library.tensors,
    functions: library.functions,
    nodes: table.nodes,
    inputs: inputs.length,
    outputs: outputs.map((output) => table.output(output)),
    updates: updates.map(({ variable, value }) =>
      create(UpdateSchema, { variable: table.output(variable), value: table.output(value) }),
    ),
    complete: true,
  });
  return toBinary(PartDefSchema, message);
}

/**
 * The part in bytes, built anew with the given ops and the transfers of partitioning; no other op with effects on the host is
 * taken. Errors: FORMAT_INVALID, NAME_UNKNOWN, SHAPE_INVALID, SHAPE_MISMATCH, SHAPE_UNKNOWN.
 */
export function decodePart(bytes: Uint8Array, ops: Iterable<OpInfo> = allOps): Part {
  const message = parse(bytes);
  const tensors = message.tensors.map((tensor, i) => decodeTensor(tensor, `part.tensors[${i}]`));
  const shelf = new Shelf(new OpRegistry(ops, [send, receive]), tensors, false);
  message.functions.forEach((func, i) => {
    shelf.addFunction(() => decodeFunction(func, shelf, `part.functions[${i}]`));
  });
  const reader = new NodeReader(shelf, 'part');
  reader.read(message.nodes);
  const fed = reader.nodes.slice(0, message.inputs);
  const nodes = reader.nodes.slice(message.inputs);
  if (fed.length < message.inputs || fed.some(({ op }) => op.role !== 'input'))
    refuse('part.inputs', 'what is fed is not an input.');
  if (nodes.some(({ op }) => op.role === 'input'))
    refuse('part.nodes', 'an input comes after what is computed.');
  return {
    nodes,
    inputs: fed.map(({ outputs }) => outputs[0] as Tensor),
    outputs: message.outputs.map((output) => reader.output(output, 'part.outputs')),
    updates: message.updates.map(({ variable, value }) =>
      checkedUpdate(reader.output(variable, 'part.updates'), reader.output(value, 'part.updates')),
    ),
  };
}

function checkedUpdate(variable: Tensor, value: Tensor): Part['updates'][number] {
  const fits =
    variable.node.op.role === 'variable' &&
    variable.dtype === value.dtype &&
    `${variable.shape}` === `${value.shape}`;
  return fits
    ? { variable, value }
    : refuse('part.updates', 'an update does not fit its variable.');
}

function parse(bytes: Uint8Array): PartDef {
  let message: PartDef;
  try {
    message = fromBinary(PartDefSchema, bytes);
  } catch (cause) {
    throw new GraphError('FORMAT_INVALID', 'part', {
      what: 'the bytes are malformed or cut short.',
      cause,
    });
  }
  if (message.formatVersion !== formatVersion) {
    refuse(
      'part',
      `it is of format ${message.formatVersion}; this release reads ${formatVersion}.`,
      'run the same release on all processes.',
    );
  }
  if (!message.complete) refuse('part', 'the bytes are cut short.');
  refuseUnknownFields(message);
  return message;
}
