import {
  type Device,
  type DeviceBuffer,
  type Executable,
  encodePart,
  GraphError,
  type HostTensor,
  type KnownSpec,
  type Part,
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
  allocate(spec: KnownSpec, hint = ''): DeviceBuffer {
    return { spec, variable: { variable: this.link.nextNumber(), hint } } as ClusterBuffer;
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
    return new ClusterExecutable(this.link, {
      part: encodePart(part),
      variables: buffers.map((buffer) => (buffer as ClusterBuffer).variable),
    });
  }

  placeVariables(
    part: Part,
    buffers: readonly (DeviceBuffer | undefined)[],
  ): Promise<readonly string[]> {
    const variables = variablesOf(part).map(({ node }, i) => {
      const known = buffers[i] as ClusterBuffer | undefined;
      return known?.variable ?? { variable: 0, hint: node.device ?? '' };
    });
    return this.link.place(encodePart(part), variables);
  }

  close(): void {}
}
