import { GraphError, type HostTensor, type Session, type Variable } from '@tenon/core';

export interface ShardParametersOptions {
  readonly session: Session;
  /** All that makes the state, in the order of snapshots: parameters first. */
  readonly variables: readonly Variable[];
}

/**
 * State of a parameter shard in one version: values in host memory, of which one set at a time is also in the variables of the
 * session, where updates are made. Values are read back from there when somebody wants them.
 */
export class ShardParameters {
  private readonly options: ShardParametersOptions;
  private values: readonly HostTensor[] | undefined;

  constructor(options: ShardParametersOptions, values: readonly HostTensor[]) {
    this.options = options;
    this.values = values;
  }

  /** In the order of snapshots. */
  read(): readonly HostTensor[] {
    this.values ??= this.options.session.runSync([...this.options.variables]);
    return this.values;
  }

  /** Makes the variables of the session hold these values. */
  settle(): void {
    const { session, variables } = this.options;
    const values = this.read();
    if (values.length !== variables.length) {
      throw new GraphError('FORMAT_INVALID', 'parameter shard', {
        what: `a snapshot has ${values.length} values for ${variables.length} variables.`,
      });
    }
    variables.forEach((variable, i) => {
      session.writeSync(variable, values[i] as HostTensor);
    });
  }

  /** The variables have moved on. */
  moved(): void {
    this.values = undefined;
  }

  copy(): ShardParameters {
    return new ShardParameters(this.options, this.read());
  }
}
