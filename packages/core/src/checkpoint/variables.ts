import { GraphError } from '../errors.js';
import type { HostTensor } from '../graph/host-tensor.js';
import { sameShape } from '../graph/shape.js';
import type { Variable } from '../graph/variable.js';
import type { Session } from '../runtime/session.js';
import {
  type Checkpoint,
  type CheckpointOptions,
  loadCheckpoint,
  saveCheckpoint,
} from './checkpoint.js';

/** Variables under their own names, or under names of the caller's choice. */
export type NamedVariables = Iterable<Variable> | Readonly<Record<string, Variable>>;

export interface RestoreOptions {
  /** Whether checkpoint and variables must hold exactly the same names; true when left out. */
  readonly strict?: boolean;
}

export interface Restored extends Pick<Checkpoint, 'step' | 'metadata' | 'directory' | 'skipped'> {
  /** Variables that the checkpoint does not hold; they keep their values. */
  readonly missing: readonly string[];
  /** Names in the checkpoint that no variable has. */
  readonly unexpected: readonly string[];
}

// In the metadata beside the caller's own: the random numbers of the next run depend on it.
const runsKey = 'tenon.runs';

/** The variables by name. Errors: NAME_TAKEN. */
export function namedVariables(variables: NamedVariables, where: string): Map<string, Variable> {
  const named = new Map<string, Variable>();
  const entries: Iterable<readonly [string, Variable]> =
    Symbol.iterator in variables
      ? [...(variables as Iterable<Variable>)].map((variable) => [variable.name, variable])
      : Object.entries(variables);
  for (const [name, variable] of entries) {
    if (named.get(name) === variable) continue;
    if (named.has(name)) {
      throw new GraphError('NAME_TAKEN', where, {
        what: `two variables are named ${name}.`,
        given: { first: named.get(name) as Variable, second: variable },
        fix: 'name them apart (name, withName), or give a record with names of your choice.',
      });
    }
    named.set(name, variable);
  }
  return named;
}

/** Values of variables by name and the session's count of runs, all from between the same two runs. */
export interface Snapshot {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly runs: number;
}

/** What a checkpoint of variables holds; saving it needs the session no more. Errors: NAME_TAKEN. */
export async function snapshotVariables(
  session: Session,
  variables: NamedVariables,
): Promise<Snapshot> {
  const named = namedVariables(variables, 'snapshotVariables');
  const { values, runs } = await session.snapshot(named.values());
  return {
    tensors: new Map([...named.keys()].map((name, i) => [name, values[i] as HostTensor])),
    runs,
  };
}

/** Saves a snapshot; gives back the directory of the checkpoint. Errors: those of saveCheckpoint. */
export const saveSnapshot = (
  { tensors, runs }: Snapshot,
  directory: string,
  options: CheckpointOptions = {},
): Promise<string> =>
  saveCheckpoint(directory, tensors, {
    ...options,
    metadata: { ...options.metadata, [runsKey]: runs },
  });

/**
 * Saves the values that variables have in a session, all from between the same two runs, and the session's count of runs.
 * Gives back the directory of the checkpoint. Errors: NAME_TAKEN and those of saveCheckpoint.
 */
export async function saveVariables(
  session: Session,
  variables: NamedVariables,
  directory: string,
  options: CheckpointOptions = {},
): Promise<string> {
  return saveSnapshot(await snapshotVariables(session, variables), directory, options);
}

/**
 * Sets variables of a session to the values of a checkpoint, and its count of runs, so that a resumed training draws the same
 * random numbers. Nothing is set unless everything fits.
 * Errors: NAME_UNKNOWN (missing or unexpected names), DTYPE_MISMATCH, SHAPE_MISMATCH, NAME_TAKEN and those of loadCheckpoint.
 */
export async function restoreVariables(
  session: Session,
  variables: NamedVariables,
  directory: string,
  { strict = true }: RestoreOptions = {},
): Promise<Restored> {
  const named = namedVariables(variables, 'restoreVariables');
  const { tensors, metadata, ...from } = await loadCheckpoint(directory);
  const missing = [...named.keys()].filter((name) => !tensors.has(name));
  const unexpected = [...tensors.keys()].filter((name) => !named.has(name));
  if (strict) checkNames(missing, unexpected, from.directory);
  const pairs = [...named].flatMap(([name, variable]) => {
    const value = tensors.get(name);
    return value ? [{ variable, value: fitting(name, variable, value) }] : [];
  });
  await Promise.all(pairs.map(({ variable, value }) => session.write(variable, value)));
  const { [runsKey]: runs, ...rest } = metadata;
  if (typeof runs === 'number' && Number.isSafeInteger(runs) && runs >= 0) session.runs = runs;
  return { ...from, metadata: rest, missing, unexpected };
}

function checkNames(
  missing: readonly string[],
  unexpected: readonly string[],
  where: string,
): void {
  const parts = [];
  if (missing.length > 0) parts.push(`it does not hold ${list(missing)}`);
  if (unexpected.length > 0) parts.push(`it holds ${list(unexpected)}, which no variable is named`);
  if (parts.length === 0) return;
  throw new GraphError('NAME_UNKNOWN', where, {
    what: `${parts.join('; ')}.`,
    fix: 'give the variables that were saved, or { strict: false } to restore those whose names agree.',
  });
}

const list = (names: readonly string[]): string =>
  names.length > 10
    ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`
    : names.join(', ');

function fitting(name: string, variable: Variable, value: HostTensor): HostTensor {
  const sameDType = variable.dtype === value.dtype;
  if (sameDType && sameShape(variable.shape, value.shape)) return value;
  throw new GraphError(sameDType ? 'SHAPE_MISMATCH' : 'DTYPE_MISMATCH', name, {
    what: 'the saved value does not fit the variable.',
    given: { variable, saved: value },
  });
}
