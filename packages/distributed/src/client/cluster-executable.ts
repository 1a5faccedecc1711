import type { Executable, HostTensor, RunContext } from '@tenon/core';
import type { TensorMessage } from '../protocol/gen/distributed_pb.js';
import { copiedMessageOf, tensorOf } from '../protocol/tensor-message.js';
import type { MasterLink } from './master-link.js';
import type { ClusterVariable } from './pending-state.js';

interface Graph {
  readonly part: Uint8Array<ArrayBuffer>;
  readonly variables: readonly ClusterVariable[];
}

/** A graph that the master keeps: a run is one request, with what is fed, and one answer, with what is fetched. */
export class ClusterExecutable implements Executable {
  private readonly link: MasterLink;
  private readonly graph: Graph;
  private readonly number: number;
  private readonly feeds: Omit<TensorMessage, '$typeName'>[] = [];
  private outputs: readonly TensorMessage[] = [];
  private made: Promise<void> | undefined;

  constructor(link: MasterLink, graph: Graph) {
    this.link = link;
    this.graph = graph;
    this.number = link.nextNumber();
  }

  write(index: number, value: HostTensor): void {
    this.feeds[index] = copiedMessageOf(value);
  }

  /** Computes, and sets the variables. */
  async run(context: RunContext): Promise<void> {
    await this.make();
    this.outputs = await this.link.run(this.number, this.feeds, context);
  }

  read(index: number): HostTensor {
    return tensorOf(this.outputs[index], `output ${index}`);
  }

  commit(): void {}

  free(): void {
    if (this.made) this.link.release(this.number);
  }

  // What has failed is tried again by the next run.
  private make(): Promise<void> {
    this.made ??= this.link
      .make(this.number, this.graph.part, this.graph.variables)
      .catch((error: unknown) => {
        this.made = undefined;
        throw error;
      });
    return this.made;
  }
}
