import type { HostTensor } from '@tenon/core';
import type { TensorMessage, VariableUse } from '../protocol/gen/distributed_pb.js';
import { copiedMessageOf } from '../protocol/tensor-message.js';

/** A variable as the cluster knows it. */
export type ClusterVariable = Omit<VariableUse, '$typeName'>;

interface Write {
  readonly variable: ClusterVariable;
  readonly value: Omit<TensorMessage, '$typeName'>;
}

export interface StateUpdate {
  readonly writes: Write[];
  readonly frees: number[];
}

// Far below what a message may hold, so that many variables of any size are told in turn.
const batchBytes = 2 ** 26;

/** Values of variables that were set, and variables that were freed, and that the cluster does not know of yet. */
export class PendingState {
  private readonly writes = new Map<number, Write>();
  private readonly frees = new Set<number>();

  write(variable: ClusterVariable, value: HostTensor): void {
    this.writes.set(variable.variable, { variable, value: copiedMessageOf(value) });
  }

  free(variable: number): void {
    this.writes.delete(variable);
    this.frees.add(variable);
  }

  /** Tells all of it in batches; what could not be told stays. */
  async tell(send: (update: StateUpdate) => Promise<unknown>): Promise<void> {
    while (this.writes.size > 0 || this.frees.size > 0) {
      const update = this.batch();
      await send(update);
      for (const write of update.writes) {
        // It may have been set again meanwhile.
        const { variable } = write.variable;
        if (this.writes.get(variable) === write) this.writes.delete(variable);
      }
      for (const variable of update.frees) this.frees.delete(variable);
    }
  }

  private batch(): StateUpdate {
    const writes: Write[] = [];
    let bytes = 0;
    for (const write of this.writes.values()) {
      bytes += write.value.data.length;
      if (writes.length > 0 && bytes > batchBytes) break;
      writes.push(write);
    }
    return { writes, frees: [...this.frees] };
  }
}
