import type { Func } from '../graph/func.js';
import type { HostTensor } from '../graph/host-tensor.js';
import { refuse } from './format.js';
import type { OpRegistry } from './op-registry.js';

// Functions that hold one another twice would double with each: a few bytes could stand for more nodes than fit in memory.
const maxNodes = 10_000_000;

/** What nodes refer to, as far as it has been read. */
export class Shelf {
  readonly ops: OpRegistry;
  /** Whether variables come with their first values. */
  readonly needsInitial: boolean;
  private readonly tensors: readonly HostTensor[];
  private readonly functions: { readonly func: Func; readonly nodes: number }[] = [];
  private counted = 0;

  constructor(ops: OpRegistry, tensors: readonly HostTensor[], needsInitial = true) {
    this.ops = ops;
    this.needsInitial = needsInitial;
    this.tensors = tensors;
  }

  /** Reads one more function, which can refer to those before it. */
  addFunction(read: () => Func): void {
    this.counted = 0;
    const func = read();
    this.functions.push({ func, nodes: this.counted });
    this.counted = 0;
  }

  /** Counts nodes that are being read. Errors: FORMAT_INVALID. */
  count(nodes: number, where: string): void {
    this.counted += nodes;
    if (this.counted > maxNodes) refuse(where, `it stands for more than ${maxNodes} nodes.`);
  }

  tensor(index: number, where: string): HostTensor {
    return this.tensors[index] ?? refuse(where, `there is no tensor ${index}.`);
  }

  function(index: number, where: string): Func {
    const found =
      this.functions[index] ?? refuse(where, `there is no function ${index} before it.`);
    this.count(found.nodes, where);
    return found.func;
  }
}
