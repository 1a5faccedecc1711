import { GraphError } from '../errors.js';
import { dtypes } from '../graph/dtype.js';
import type { Func } from '../graph/func.js';
import { namedInputs } from '../graph/op.js';
import { topologicalOrder } from '../graph/rewrite.js';
import { type KnownShape, sizeOf } from '../graph/shape.js';
import type { Node, Tensor } from '../graph/tensor.js';
import { assignMemory } from './assign-memory.js';
import { type CommitPhase, commitPhase } from './commit-phase.js';
import { type Fused, fuse } from './fuse/fuse.js';
import { sweep } from './fuse/sweep.js';
import type { KnownSpec, Lowering, RegionLowering } from './lowering.js';
import type { Instruction, Program, Storage } from './program.js';
import type { Template } from './template.js';

/** One device's part of a run. */
export interface Part {
  /** Tensors written from outside before the run: fed ones, parameters of a body. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly updates: readonly { readonly variable: Tensor; readonly value: Tensor }[];
  /** Whether the memory of outputs is given from outside. */
  readonly givenOutputs?: boolean;
  /** Everything that must run, in the order in which it runs. */
  readonly nodes: readonly Node[];
}

/** The variables that a part reads or sets, in the order of its nodes. */
export const variablesOf = ({ nodes }: Part): Tensor[] =>
  nodes.filter(({ op }) => op.role === 'variable').map(({ outputs }) => outputs[0] as Tensor);

/** Turns the graph of a part into instructions over values at planned places. */
export function lowerPart(part: Part, target: LoweringTarget = {}): Program {
  return new Lowerer(part, target).program();
}

/** What the device that a program is for can do. */
export interface LoweringTarget {
  readonly fuses?: boolean;
  readonly sweeps?: boolean;
  finishes?(template: Template): boolean;
}

export const lowerFunc = ({ params, results }: Func, target: LoweringTarget = {}): Program =>
  lowerPart(
    {
      inputs: params,
      outputs: results,
      updates: [],
      nodes: orderFrom(results, new Set(params)),
      givenOutputs: true,
    },
    target,
  );

/** What the roots need, without what is given, in an order in which it can run. */
export function orderFrom(roots: readonly Tensor[], given: ReadonlySet<Tensor>): Node[] {
  const tops = roots.filter((tensor) => !given.has(tensor));
  return topologicalOrder(
    tops.map(({ node }) => node),
    function* (node) {
      for (const input of node.inputs) if (!given.has(input)) yield input.node;
      for (const control of node.controls)
        if (!control.outputs.every((output) => given.has(output))) yield control;
    },
  );
}

class Lowerer {
  private readonly values: {
    spec: KnownSpec;
    storage: Storage | { kind: 'arena'; root: number };
  }[] = [];
  private readonly numbers = new Map<Tensor, number>();
  private readonly instructions: Instruction[] = [];
  private readonly variables: Tensor[] = [];
  private readonly part: Part;
  private readonly target: LoweringTarget;

  constructor(part: Part, target: LoweringTarget) {
    this.part = part;
    this.target = target;
  }

  program(): Program {
    const { inputs, outputs, updates, nodes } = this.part;
    inputs.forEach((input, index) => this.place(input, { kind: 'input', index }));
    for (const node of nodes) this.lower(node);
    for (const { variable } of updates) if (!this.numbers.has(variable)) this.lower(variable.node);
    const commits = updates.map(({ variable, value }) => ({
      variable: this.variables.indexOf(variable),
      value: this.number(value),
    }));
    return this.planned(
      outputs.map((output) => this.number(output)),
      commits,
    );
  }

  private number(tensor: Tensor): number {
    return this.numbers.get(tensor) as number;
  }

  private place(tensor: Tensor, storage: Storage | 'new'): number {
    const number = this.values.length;
    const spec = { dtype: tensor.dtype, shape: tensor.shape as KnownShape };
    this.values.push({
      spec,
      storage: storage === 'new' ? { kind: 'arena', root: number } : storage,
    });
    this.numbers.set(tensor, number);
    return number;
  }

  private lower(node: Node): void {
    const { op, outputs, where } = node;
    if (op.role === 'variable') {
      const [tensor] = outputs as [Tensor];
      this.place(tensor, { kind: 'variable', index: this.variables.push(tensor) - 1 });
      return;
    }
    const inputs = node.inputs.map((input) => this.number(input));
    if (op.definition.run) {
      this.instructions.push({
        kind: 'host',
        node,
        inputs,
        outputs: outputs.map((output) => this.place(output, 'new')),
        where,
      });
      return;
    }
    this.emit(node, lowering(node), inputs);
  }

  private emit(node: Node, lowered: Lowering, inputs: readonly number[]): void {
    const { outputs, where } = node;
    switch (lowered.kind) {
      case 'alias': {
        const { storage } = this.values[
          inputs[lowered.input] as number
        ] as (typeof this.values)[number];
        this.place(outputs[0] as Tensor, storage as Storage);
        return;
      }
      case 'constant':
        this.place(outputs[0] as Tensor, lowered);
        return;
      case 'nothing':
        for (const output of outputs) this.place(output, 'new');
        return;
    }
    const places = { inputs, outputs: outputs.map((output) => this.place(output, 'new')), where };
    if (lowered.kind === 'region') {
      this.instructions.push({
        kind: 'region',
        region: lowered.region,
        programs: bodies(lowered.region).map((body) => lowerFunc(body, this.target)),
        ...places,
      });
    } else {
      this.instructions.push({ ...lowered, ...places });
    }
  }

  private planned(outputs: readonly number[], commits: Program['commits']): Program {
    const roots = this.values.map(({ storage }) => ('root' in storage ? storage.root : -1));
    const fused = this.fused(outputs, commits);
    const phase = commitPhase({
      instructions: fused.instructions,
      roots,
      variableOf: (value) => this.variableOf(value),
      outputs,
      commits,
    });
    const instructions = this.swept(phase, roots);
    const { place, bytes, leastBytes } = assignMemory({
      instructions,
      roots,
      last: [...outputs, ...phase.commits.map(({ value }) => value)],
      inPlace: phase.inPlace,
      given: this.part.givenOutputs ? givenRoots(outputs, roots) : new Map(),
      bytesOf: (root) => {
        const { dtype, shape } = (this.values[root] as (typeof this.values)[number]).spec;
        return sizeOf(shape) * dtypes[dtype].bytes;
      },
    });
    return {
      values: this.values.map(({ spec, storage }) => ({
        ...spec,
        storage: 'root' in storage ? place(storage.root) : storage,
      })),
      instructions,
      refused: fused.refused,
      commitFrom: phase.from,
      inputs: this.part.inputs.map((input) => this.number(input)),
      outputs,
      variables: this.variables,
      commits: phase.commits,
      arenaBytes: bytes,
      leastBytes,
    };
  }

  private fused(outputs: readonly number[], commits: Program['commits']): Fused {
    const { instructions, target } = this;
    if (!target.fuses) return { instructions, refused: [] };
    const homes = new Map<unknown, number>();
    return fuse({
      instructions,
      values: this.values.map(({ spec, storage }, number) => {
        const home = homes.get(storage) ?? number;
        homes.set(storage, home);
        return storage.kind === 'constant'
          ? { ...spec, home, constant: storage.value }
          : { ...spec, home };
      }),
      outputs,
      commits: commits.map(({ value }) => value),
      finishes: (template) => target.finishes?.(template) ?? false,
    });
  }

  private swept(
    { instructions, from, inPlace }: CommitPhase,
    roots: readonly number[],
  ): readonly Instruction[] {
    if (!this.target.sweeps) return instructions;
    // Variables are numbered below zero, what the program makes from zero on.
    const memoryOf = (value: number): number => {
      const root = roots[value] as number;
      const variable = root < 0 ? this.variableOf(value) : inPlace.get(root);
      if (variable !== undefined) return -1 - variable;
      return root < 0 ? value : root;
    };
    return sweep({ instructions, from, memoryOf });
  }

  private variableOf(value: number): number | undefined {
    const { storage } = this.values[value] as (typeof this.values)[number];
    return 'root' in storage || storage.kind !== 'variable' ? undefined : storage.index;
  }
}

/** For what the program makes itself: which output it is. A value that is two outputs is made as the first. */
function givenRoots(outputs: readonly number[], roots: readonly number[]): Map<number, number> {
  const given = new Map<number, number>();
  outputs.forEach((output, index) => {
    const root = roots[output] as number;
    if (root >= 0 && !given.has(root)) given.set(root, index);
  });
  return given;
}

function bodies(region: RegionLowering): Func[] {
  switch (region.region) {
    case 'cond':
      return [region.whenTrue, region.whenFalse];
    case 'while':
      return [region.condition, region.body];
    default:
      return [region.body];
  }
}

/** What a node becomes on a device. Errors: GRAPH_INVALID when its op has no meaning there. */
export function lowering(node: Node): Lowering {
  const { definition } = node.op;
  const specs = (tensors: readonly Tensor[]) =>
    tensors.map(({ dtype, shape }) => ({ dtype, shape: shape as KnownShape }));
  if (!definition.lower) {
    throw new GraphError('GRAPH_INVALID', node.where, {
      what: 'the op has no meaning on a device: it neither lowers, expands nor runs on the host.',
      fix: 'give its definition `lower`, `expand` or `run`.',
    });
  }
  const outputs = specs(node.outputs);
  return definition.lower({
    inputs: namedInputs(node.op, specs(node.inputs)) as never,
    attrs: node.attrs as never,
    outputs,
    output: outputs[0] as KnownSpec,
  });
}
