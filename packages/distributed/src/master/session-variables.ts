import { GraphError, matchesHint, parseDeviceName } from '@tenon/core';
import type { ReadVariableResponse, UpdateStateRequest } from '../protocol/gen/distributed_pb.js';
import type { LivingMember } from './member.js';

export interface SessionVariablesOptions {
  readonly session: string;
  readonly members: readonly LivingMember[];
  /** Names of all devices. */
  readonly devices: readonly string[];
  readonly homes: Iterable<readonly [number, string]>;
  /** Milliseconds that a call to a worker may take. */
  readonly timeoutMs: number;
}

/** The variables of a session: where each lives, and how it is set and read there. */
export class SessionVariables {
  /** Devices by the numbers of variables. */
  readonly homes: Map<number, string>;
  private readonly options: SessionVariablesOptions;

  constructor(options: SessionVariablesOptions) {
    this.options = options;
    this.homes = new Map(options.homes);
  }

  /** Sets and frees variables where they live; `check` is asked before a worker is. Errors: PLACEMENT_CONFLICT, UNAVAILABLE, ABORTED. */
  async update(
    { writes, frees }: Pick<UpdateStateRequest, 'writes' | 'frees'>,
    check: (member: LivingMember) => void,
  ): Promise<void> {
    const { session, members, timeoutMs } = this.options;
    const placed = writes.map((write) => {
      const { variable = 0, hint = '' } = write.variable ?? {};
      const device = this.homes.get(variable) ?? this.deviceFor(hint, variable);
      this.homes.set(variable, device);
      return { ...write, device };
    });
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

  private deviceFor(hint: string, variable: number): string {
    const { devices } = this.options;
    if (hint === '') return devices[0] as string;
    const wanted = parseDeviceName(hint);
    const found = devices.find((name) => matchesHint(parseDeviceName(name), wanted));
    if (found) return found;
    throw new GraphError('PLACEMENT_CONFLICT', `variable ${variable}`, {
      what: `no device of the cluster fits ${hint}.`,
      fix: `devices: ${devices.join(', ')}.`,
    });
  }
}
