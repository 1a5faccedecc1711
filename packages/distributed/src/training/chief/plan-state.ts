import type { HostTensor, Session, Variable } from '@tenon/core';
import type { ParameterPlan } from './parameter-plan.js';
import type { ShardState } from './snapshots.js';

type Plan = Pick<ParameterPlan, 'shards'>;

const readAll = (session: Session, variables: Iterable<Variable>): Promise<HostTensor[]> =>
  Promise.all([...variables].map((variable) => session.read(variable)));

/** What a session holds of the state of each parameter shard. */
export const readState = (session: Session, { shards }: Plan): Promise<ShardState[]> =>
  Promise.all(
    shards.map(async ({ state, tables }) => {
      const values = await readAll(session, state.values());
      const found = tables.map(async ({ width, parts }) => {
        const read = await readAll(session, parts);
        return { width, parts: read.map(({ data }) => data as Float32Array) };
      });
      return { values, tables: await Promise.all(found) };
    }),
  );

/** The state of the shards becomes that of a session. */
export async function writeState(
  session: Session,
  { shards }: Plan,
  states: readonly ShardState[],
): Promise<void> {
  const writes = shards.flatMap(({ state, tables }, shard) => {
    const { values, tables: found } = states[shard] as ShardState;
    const whole = [...state.values()].map((variable, i) => [variable, values[i]] as const);
    const rows = tables.flatMap(({ parts }, table) =>
      parts.map((variable, p) => [variable, found[table]?.parts[p]] as const),
    );
    return [...whole, ...rows];
  });
  await Promise.all(writes.map(([variable, value]) => value && session.write(variable, value)));
}
