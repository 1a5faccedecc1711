import { type HostTensor, placeholder, stack, type Tensor } from '@tenon/core';
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { TenonBackend } from './backend.js';
import { TextCodes } from './text-codes.js';

type InputName =
  | ('a' | 'b' | 'x' | 'y' | 'dy' | 'input' | 'output' | 'filter' | 'image' | 'images')
  | ('boxes' | 'boxInd' | 'scores' | 'condition' | 't' | 'e' | 'indices' | 'updates' | 'tensor')
  | ('params' | 'logits' | 'value' | 'values' | 'weights' | 'alpha' | 'segmentIds' | 'data')
  | ('mean' | 'variance' | 'sortedSequence' | 'transforms' | 's0' | 's1' | 'real' | 'imag')
  | ('numLower' | 'numUpper' | 'sparseIndices' | 'sparseValues' | 'defaultValue' | 'denseShape')
  | ('inputIndices' | 'inputShape' | 'newShape' | 'starts' | 'limits' | 'deltas' | 'shape')
  | 'paramsDenseValues';

/** Inputs that are lists. */
type ListName = 'paramsNestedSplits' | 'rowPartitionTensors';

/** The inputs of a kernel call by their tfjs names; a kernel reads only those that it is called with. */
export type Inputs = Readonly<Record<InputName, Tensor> & Record<ListName, readonly Tensor[]>> & {
  readonly bias?: Tensor;
  readonly preluActivationWeights?: Tensor;
  readonly scale?: Tensor;
  readonly offset?: Tensor;
  /** All of them in order, for kernels of any number of inputs. */
  readonly list: readonly Tensor[];
};

/** What a kernel may ask on the host, where a shape depends on values. */
export interface Context {
  /** The values of the inputs. */
  readonly values: Readonly<
    Record<InputName, HostTensor> & Record<ListName, readonly HostTensor[]>
  >;
  /** Computes a tensor of the graph so far. */
  read(tensor: Tensor): HostTensor;
  /** The code that stands for a string. */
  codeOf(text: string): number;
}

/** A complex tensor: two real ones of one shape. */
export interface Parts {
  readonly re: Tensor;
  readonly im: Tensor;
}

export type Output = Tensor | Parts;
export type Outputs = Output | readonly Output[];

/** What a tfjs kernel is in Tenon: a graph of its inputs. */
export type Kernel = (inputs: Inputs, attrs: never, context: Context) => Outputs;

/** Kernels by tfjs name; the attributes of each are typed where it is written. */
export type KernelTable = Readonly<Record<string, Kernel>>;

/** One call of a kernel by tfjs. */
export interface Call {
  readonly backend: TenonBackend;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly attrs: NamedAttrMap;
}

/** The inputs of a call as placeholders, with their values. */
export interface Fed {
  readonly inputs: Inputs;
  readonly context: Context;
  /** Names of the inputs whose last axis holds a real and an imaginary part. */
  readonly complex: ReadonlySet<string>;
  readonly codes: TextCodes;
  readonly feeds: readonly (readonly [Tensor, HostTensor])[];
}

const isTensorInfo = (value: unknown): value is TensorInfo =>
  typeof value === 'object' && value !== null && 'dataId' in value;

/** Placeholders for the inputs of a call. */
export function feed({ backend, inputs }: Call): Fed {
  const codes = new TextCodes();
  const feeds: [Tensor, HostTensor][] = [];
  const fedWith = (info: TensorInfo): [Tensor, HostTensor] => {
    const value = backend.hostTensor(info, codes);
    const pair: [Tensor, HostTensor] = [
      placeholder({ dtype: value.dtype, shape: value.shape }),
      value,
    ];
    feeds.push(pair);
    return pair;
  };
  const tensors: Record<string, Tensor | readonly Tensor[]> = {};
  const values: Record<string, HostTensor | readonly HostTensor[]> = {};
  const complex = new Set<string>();
  for (const [name, given] of Object.entries(inputs)) {
    if (Array.isArray(given)) {
      const pairs = given.map(fedWith);
      tensors[name] = pairs.map(([tensor]) => tensor);
      values[name] = pairs.map(([, value]) => value);
    } else if (isTensorInfo(given)) {
      if (given.dtype === 'complex64') complex.add(name);
      [tensors[name], values[name]] = fedWith(given);
    }
  }
  const context: Context = {
    values: values as unknown as Context['values'],
    read: (tensor) => backend.compute([tensor], feeds)[0] as HostTensor,
    codeOf: (text) => codes.codeOf(text),
  };
  const named = { ...tensors, list: Object.values(tensors) } as unknown as Inputs;
  return { inputs: named, context, complex, codes, feeds };
}

const isParts = (output: Output): output is Parts => 're' in output;

interface Running {
  readonly backend: TenonBackend;
  readonly fed: Fed;
  /** How many of the outputs carry codes of strings. */
  readonly texts: number;
  /** The input whose elements the result has. */
  readonly shared: TensorInfo | undefined;
}

/** Computes the outputs of a call in one run. */
export function run(
  outputs: Outputs,
  { backend, fed, texts, shared }: Running,
): TensorInfo | TensorInfo[] {
  const list = (Array.isArray(outputs) ? outputs : [outputs]) as readonly Output[];
  const fetches = list.map((output) =>
    isParts(output) ? stack([output.re, output.im], { axis: -1 }) : output,
  );
  const results = backend.compute(fetches, fed.feeds);
  const infos = results.map((result, i) => {
    if (isParts(list[i] as Output)) return backend.complexInfo(result);
    const isText = i < texts && result.dtype === 'int32';
    return isText ? backend.textInfo(result, fed.codes) : backend.tensorInfo(result);
  });
  if (Array.isArray(outputs)) return infos;
  const [info] = infos as [TensorInfo];
  return shared ? backend.share(shared, info) : info;
}
