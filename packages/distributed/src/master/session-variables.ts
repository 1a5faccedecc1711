import { GraphError } from '@tenon/core';
import type { ReadVariableResponse, UpdateStateRequest } from '../protocol/gen/distributed_pb.js';
import type { Homes } from './homes.js';
import type { LivingMember } from './members/member.js';
import { type FreshVariable, placeVariables } from './place-graph.js';

export interface SessionVariablesOptions {
  readonly session: string;
  readonly members: readonly LivingMember[];
  /** Names of all devices. */
  readonly devices: readonly string[];
  /** Where they live so far. */
  readonly homes: Homes;
  /** Whether hints that no device fits are loosened. */
  readonly soft: boolean;
  /** Milliseconds that a call to a worker may take. */
  readonly timeoutMs: number;
}

/** The variables of a session: where each lives, and how it is set and read there. */
export class SessionVariables {
  readonly homes: Homes;
  private readonly options: SessionVariablesOptions;

  constructor(options: SessionVariablesOptions) {
    this.options = options;
    this.homes = options.homes;
  }

  /** Sets and frees variables where they live; `check` is asked before a worker is. Errors: PLACEMENT_CONFLICT, UNAVAILABLE, ABORTED. */
  async update(
    { writes, frees }: Pick<UpdateStateRequest, 'writes' | 'frees'>,
    check: (member: LivingMember) => void,
  ): Promise<void> {
    const { session, members, timeoutMs } = this.options;
    this.placeFresh(writes);
    const placed = writes.map((write) => ({
      ...write,
      device: this.homes.get(write.variable?.variable ?? 0) as string,
    }));
    const gone = frees.map((number) => [number, this.homes.get(number)] as const);
    for (const number of frees) this.homes.delete(number);
    await Promise.all(
      members.map(async (member) => {
        const here = (device = '') => device.startsWith(`${member.name}/`);
        const own = placed.filter(({ device }) => here(device));
        const freed = gone.flatMap(([number, device]) => (here(device) ? [number] : []));
        if (own.length === 0 && freed.length === 0) return;
        check(member);
        const { connection, incarnation } = member;
        const update = { session, incarnation, writes: own, frees: freed };
        await connection.calls.updateState(update, { timeoutMs });
      }),
    );
  }

  /** Errors: STATE_INVALID, UNAVAILABLE, ABORTED. */
  async read(
    variable: number,
    check: (member: LivingMember) => void,
  ): Promise<ReadVariableResponse> {
    const { session, members, timeoutMs } = this.options;
    const home = this.homes.get(variable) ?? '';
    const member = members.find(({ name }) => home.startsWith(`${name}/`));
    if (!member) {
      throw new GraphError('STATE_INVALID', `variable ${variable}`, {
        what: 'it has no value in this session yet.',
      });
    }
    check(member);
    const { incarnation, connection } = member;
    return connection.calls.readVariable({ session, incarnation, variable }, { timeoutMs });
  }

  /** Gives homes to variables that are set before a graph uses them. */
  private placeFresh(writes: UpdateStateRequest['writes']): void {
    const { devices, soft } = this.options;
    const fresh = writes.flatMap(({ variable: use, value }): FreshVariable[] => {
      const { variable = 0, hint = '', beside = 0 } = use ?? {};
      if (this.homes.get(variable)) return [];
      return [{ variable, hint, beside, bytes: value?.data.length ?? 0 }];
    });
    placeVariables(fresh, devices, { soft, homes: this.homes }).forEach((device, i) => {
      const { variable, bytes } = fresh[i] as FreshVariable;
      this.homes.set(variable, device, bytes);
    });
  }
}
