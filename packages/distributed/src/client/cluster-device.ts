import {
  asVariable,
  type Device,
  type DeviceBuffer,
  type Executable,
  encodePart,
  GraphError,
  type HostTensor,
  type KnownSpec,
  type Part,
  type Tensor,
  variablesOf,
} from '@tenon/core';
import { ClusterExecutable } from './cluster-executable.js';
import type { MasterLink } from './master-link.js';
import type { ClusterVariable } from './pending-state.js';

interface ClusterBuffer extends DeviceBuffer {
  readonly variable: ClusterVariable;
}

/** A whole cluster as the one device of a session: its master places and cuts what it is given. */
export class ClusterDevice implements Device {
  readonly name = 'cluster:0';
  readonly kind = 'cluster';
  readonly synchronous = false;
  readonly places = true;
  readonly limits = { bytes: Number.POSITIVE_INFINITY };
  private readonly link: MasterLink;

  constructor(link: MasterLink) {
    this.link = link;
  }

  /** The cluster hears of a variable when a graph uses it or its value is set. */
  allocate(spec: KnownSpec, hint = '', other?: DeviceBuffer): DeviceBuffer {
    const beside = (other as ClusterBuffer | undefined)?.variable.variable ?? 0;
    return { spec, variable: { variable: this.link.nextNumber(), hint, beside } } as ClusterBuffer;
  }

  write(buffer: DeviceBuffer, value: HostTensor): void {
    this.link.write((buffer as ClusterBuffer).variable, value);
  }

  read(buffer: DeviceBuffer): Promise<HostTensor> {
    return this.link.read((buffer as ClusterBuffer).variable.variable);
  }

  free(buffer: DeviceBuffer): void {
    this.link.free((buffer as ClusterBuffer).variable.variable);
  }

  compile(): Executable {
    throw new GraphError('STATE_INVALID', this.name, { what: 'a cluster takes graphs.' });
  }

  compilePart(part: Part, buffers: readonly DeviceBuffer[]): Executable {
    const variables = buffers.map((buffer) => (buffer as ClusterBuffer).variable);
    return new ClusterExecutable(this.link, {
      part: encodePart(part),
      variables: besides(part, variables),
    });
  }

  renew(): Promise<void> {
    return this.link.renew();
  }

  placeVariables(
    part: Part,
    buffers: readonly (DeviceBuffer | undefined)[],
  ): Promise<readonly string[]> {
    const variables = buffers.map((buffer, i) => {
      const { node } = variablesOf(part)[i] as Tensor;
      const known = buffer as ClusterBuffer | undefined;
      return (
        known?.variable ?? { variable: this.link.nextNumber(), hint: node.device ?? '', beside: 0 }
      );
    });
    return this.link.place(encodePart(part), besides(part, variables));
  }

  close(): void {}
}

/** The variables of a part with those of it beside which they are to lie. */
function besides(part: Part, variables: readonly ClusterVariable[]): ClusterVariable[] {
  const tensors = variablesOf(part);
  const numbers = new Map(tensors.map((tensor, i) => [tensor, variables[i]?.variable]));
  return variables.map((variable, i) => {
    const other = asVariable(tensors[i] as Tensor)?.beside;
    const beside = other && numbers.get(other);
    return beside === undefined ? variable : { ...variable, beside };
  });
}
