import { type CheckedPlacement, GraphError } from '@tenon/core';
import { z } from 'zod';
import type { DeviceInfo } from '../protocol/gen/distributed_pb.js';
import type { MemberParts } from './callable.js';
import type { Homes } from './homes.js';
import type { LivingMember, Member } from './members/member.js';
import { placementOf } from './place-graph.js';

const number = z.int().min(0);
const numbers = z.array(number).readonly();

const part = z.strictObject({
  graph: number,
  device: z.string(),
  variables: numbers,
  inputPlaces: numbers,
  outputPlaces: numbers,
  updates: z.boolean(),
});

const member = z.strictObject({
  name: z.string(),
  incarnation: z.string(),
  timeToLiveMs: z.number().min(0),
  heartbeatPort: number,
  devices: z.array(z.strictObject({ name: z.string(), kind: z.string(), bytes: z.number() })),
});

const callable = z.strictObject({
  callable: number,
  members: z.array(z.strictObject({ member: z.string(), parts: z.array(part).readonly() })),
});

/** What a master must know of a session to go on with it after a restart; how far its runs are, its workers know. */
export const sessionRecord = z.strictObject({
  name: z.uuid(),
  /** Graphs that were numbered so far. */
  graphs: number,
  members: z.array(member),
  /** Options of placement. */
  placement: z.unknown().transform(placementOf),
  /** The devices of variables by their numbers, and their bytes. */
  homes: z.array(z.tuple([number, z.string(), number])),
  callables: z.array(callable),
});

export type SessionRecord = z.output<typeof sessionRecord>;

export interface SessionParts {
  readonly name: string;
  readonly graphs: number;
  readonly members: readonly LivingMember[];
  readonly placement: CheckedPlacement;
  readonly homes: Homes;
  readonly callables: ReadonlyMap<number, readonly MemberParts[]>;
}

export const recordOf = ({
  name,
  graphs,
  members,
  placement,
  homes,
  callables,
}: SessionParts): SessionRecord => ({
  name,
  graphs,
  members: members.map(({ name: worker, incarnation, timeToLiveMs, heartbeatPort, devices }) => ({
    name: worker,
    incarnation,
    timeToLiveMs,
    heartbeatPort,
    devices: devices.map((device) => ({
      name: device.name,
      kind: device.kind,
      bytes: device.bytes,
    })),
  })),
  placement,
  homes: homes.entries().map((home) => [...home]),
  callables: [...callables].map(([number, cut]) => ({
    callable: number,
    members: cut.map(({ member: { name: worker }, parts }) => ({ member: worker, parts })),
  })),
});

/** The workers of a session, in the lives that it knew. Errors: ABORTED for one that the cluster no longer has. */
export function membersOfRecord(record: SessionRecord, members: readonly Member[]): LivingMember[] {
  return record.members.map(({ name, devices, ...kept }) => {
    const member = members.find((one) => one.name === name);
    if (!member) {
      throw new GraphError('ABORTED', name, {
        what: 'the cluster has no such worker any more.',
      });
    }
    const { incarnation } = kept;
    const told = { incarnation, address: member.address };
    const infos = devices.map((device) => ({ ...device, ...told }) as DeviceInfo);
    // Where it answers pulls, only a new session has to know.
    return { ...member, ...kept, devices: infos, data: undefined };
  });
}

/** The graphs of a session by their numbers. */
export const callablesOf = (
  record: SessionRecord,
  members: readonly LivingMember[],
): Map<number, MemberParts[]> =>
  new Map(
    record.callables.map(({ callable: number, members: cut }) => [
      number,
      cut.map(({ member: name, parts }) => ({
        member: members.find((one) => one.name === name) as LivingMember,
        parts,
      })),
    ]),
  );
