import { HostTensor, type Session, type Variable } from '@tenon/core';
import { putRows, type RowRange, roomFor, rowCount, rowsFrom } from '../rows.js';
import type { ParameterPlan } from './parameter-plan.js';
import type { ShardState } from './snapshots.js';

type Plan = Pick<ParameterPlan, 'shards'>;

/** What a session holds of the state of each parameter shard; rows of one variable share their memory. */
export async function readState(session: Session, { shards }: Plan): Promise<ShardState[]> {
  const reading = new Map<Variable, Promise<HostTensor>>();
  const read = async (variable: Variable, rows: RowRange) => {
    const value = reading.get(variable) ?? session.read(variable);
    reading.set(variable, value);
    return rowsFrom(await value, rows);
  };
  const states = shards.map(async ({ state, tables }): Promise<ShardState> => {
    const values = [...state.values()].map(({ variable, ...rows }) => read(variable, rows));
    const found = tables.map(async ({ width, parts, ...rows }) => {
      const own = await Promise.all(parts.map((variable) => read(variable, rows)));
      return { width, parts: own.map(({ data }) => data as Float32Array) };
    });
    return { values: await Promise.all(values), tables: await Promise.all(found) };
  });
  return Promise.all(states);
}

/** The state of the shards becomes that of a session. */
export async function writeState(
  session: Session,
  { shards }: Plan,
  states: readonly ShardState[],
): Promise<void> {
  const values = new Map<Variable, HostTensor>();
  const put = (variable: Variable, { begin, end }: RowRange, value: HostTensor) => {
    if (begin === 0 && end === rowCount(variable.shape)) return void values.set(variable, value);
    const whole = values.get(variable) ?? roomFor(value, rowCount(variable.shape));
    values.set(variable, whole);
    putRows(value, whole, begin);
  };
  for (const [shard, { state, tables }] of shards.entries()) {
    const { values: own, tables: found } = states[shard] as ShardState;
    [...state.values()].forEach(({ variable, ...rows }, i) => {
      put(variable, rows, own[i] as HostTensor);
    });
    tables.forEach(({ parts, ...rows }, table) => {
      parts.forEach((variable, p) => {
        const data = found[table]?.parts[p] as Float32Array;
        put(
          variable,
          rows,
          new HostTensor(data, [rows.end - rows.begin, ...variable.shape.slice(1)]),
        );
      });
    });
  }
  await Promise.all([...values].map(([variable, value]) => session.write(variable, value)));
}
