import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { checkKey } from '../checkpoint/json.js';
import { type NamedVariables, namedVariables } from '../checkpoint/variables.js';
import { GraphError } from '../errors.js';
import type { OpInfo } from '../graph/op.js';
import type { Tensor } from '../graph/tensor.js';
import { asVariable, type Variable } from '../graph/variable.js';
import { allOps } from '../ops/all-ops.js';
import { type Fetches, flattenFetches } from '../runtime/fetches.js';
import { decodeFetches } from './decode-fetches.js';
import { decodeFunction, NodeReader } from './decode-nodes.js';
import { decodeTensor, recordOf } from './decode-values.js';
import { encodeFetches } from './encode-fetches.js';
import { Library, NodeTable } from './encode-graph.js';
import { formatVersion, minimumReader, refuse } from './format.js';
import {
  type GraphDef,
  GraphDefSchema,
  type NamedOutput,
  NamedOutputSchema,
} from './gen/graph_pb.js';
import { OpRegistry } from './op-registry.js';
import { reachable } from './reachable.js';
import { Shelf } from './shelf.js';
import { refuseUnknownFields } from './unknown-fields.js';

/** A graph that can be written. */
export interface Graph<F extends Fetches = Fetches> {
  readonly fetches: F;
  /** Tensors to feed, by name; all placeholders under their own names when left out. */
  readonly inputs?: Readonly<Record<string, Tensor>>;
  /** Variables by name; all that the fetches use under their own names when left out. */
  readonly variables?: NamedVariables;
}

/** A graph that was read. */
export interface DecodedGraph<F extends Fetches = Fetches> {
  readonly fetches: F;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly variables: ReadonlyMap<string, Variable>;
}

export interface DecodeOptions {
  /** The ops that the graph may use; all of the library when left out. */
  readonly ops?: Iterable<OpInfo>;
  /** Ops with effects on the host that the graph may use: those you trust it with. None when left out. */
  readonly hostOps?: Iterable<OpInfo>;
}

/**
 * A graph as bytes: everything the fetches reach, with variables, their first values, nested functions and device hints.
 * The values of variables are state of a session; `saveVariables` keeps these. Errors: NAME_TAKEN, GRAPH_INVALID, FETCH_INVALID.
 */
export function encodeGraph({ fetches, inputs, variables }: Graph): Uint8Array {
  const tops = flattenFetches(fetches);
  const found = reachable([...tops, ...Object.values(inputs ?? {})]);
  const named = namedVariables(variables ?? found.variables, 'encodeGraph');
  const fed = inputs ?? recordOfPlaceholders(found.placeholders);
  const library = new Library();
  const table = new NodeTable(library);
  table.add([...tops, ...Object.values(fed), ...named.values()]);
  const reference = ([name, tensor]: readonly [string, Tensor]) =>
    create(NamedOutputSchema, {
      name: checkKey(name, 'encodeGraph'),
      output: table.output(tensor),
    });
  const message = create(GraphDefSchema, {
    formatVersion,
    minimumReader,
    tensors: library.tensors,
    functions: library.functions,
    nodes: table.nodes,
    fetches: encodeFetches(fetches, (tensor) => table.output(tensor)),
    inputs: Object.entries(fed).map(reference),
    variables: [...named].map(reference),
    complete: true,
  });
  return toBinary(GraphDefSchema, message);
}

function recordOfPlaceholders(placeholders: readonly Tensor[]): Record<string, Tensor> {
  const named = new Map<string, Tensor>();
  for (const placeholder of placeholders) {
    const name = String(placeholder.node.attrs.name ?? placeholder.node.where);
    if (named.has(name)) {
      throw new GraphError('NAME_TAKEN', 'encodeGraph', {
        what: `two placeholders are named ${name}.`,
        given: { first: named.get(name) as Tensor, second: placeholder },
        fix: 'name them apart, or give inputs: { name: placeholder }.',
      });
    }
    named.set(checkKey(name, 'encodeGraph'), placeholder);
  }
  return Object.fromEntries(named);
}

/**
 * The graph in bytes, built anew: attributes are checked by each op's schema, dtypes and shapes inferred. Nothing in the bytes
 * can name code: ops are those given. The caller knows the nesting of the fetches.
 * Errors: FORMAT_INVALID, NAME_UNKNOWN, SHAPE_INVALID, SHAPE_MISMATCH, SHAPE_UNKNOWN.
 */
export function decodeGraph<F extends Fetches = Fetches>(
  bytes: Uint8Array,
  { ops = allOps, hostOps = [] }: DecodeOptions = {},
): DecodedGraph<F> {
  const message = parse(bytes);
  const tensors = message.tensors.map((tensor, i) => decodeTensor(tensor, `graph.tensors[${i}]`));
  const shelf = new Shelf(new OpRegistry(ops, hostOps), tensors);
  message.functions.forEach((func, i) => {
    shelf.addFunction(() => decodeFunction(func, shelf, `graph.functions[${i}]`));
  });
  const reader = new NodeReader(shelf, 'graph');
  reader.read(message.nodes);
  const named = (list: readonly NamedOutput[], where: string) =>
    Object.entries(
      recordOf(
        list.map(({ name, output }) => [name, reader.output(output, where)]),
        where,
      ),
    );
  return {
    fetches: decodeFetches(message.fetches, (output) =>
      reader.output(output, 'graph.fetches'),
    ) as F,
    inputs: new Map(named(message.inputs, 'graph.inputs')),
    variables: new Map(
      named(message.variables, 'graph.variables').map(([name, tensor]) => [
        name,
        variableOf(tensor, name),
      ]),
    ),
  };
}

const variableOf = (tensor: Tensor, name: string): Variable =>
  asVariable(tensor) ?? refuse('graph.variables', `${name} is not a variable.`);

function parse(bytes: Uint8Array): GraphDef {
  let message: GraphDef;
  try {
    message = fromBinary(GraphDefSchema, bytes);
  } catch (cause) {
    throw new GraphError('FORMAT_INVALID', 'graph', {
      what: 'the bytes are malformed or cut short.',
      fix: 'give what encodeGraph wrote, whole.',
      cause,
    });
  }
  const { formatVersion: version, minimumReader: needed } = message;
  if (version === 0 || needed === 0) refuse('graph', 'it has no format version.');
  if (needed > formatVersion) {
    refuse(
      'graph',
      `it needs a reader of format ${needed}; this release reads format ${formatVersion}.`,
      'update Tenon.',
    );
  }
  if (!message.complete)
    refuse('graph', 'the bytes are cut short.', 'give what encodeGraph wrote, whole.');
  // A newer writer may add fields that older readers can pass over; one of our version has none to add.
  if (version <= formatVersion) refuseUnknownFields(message);
  return message;
}
