import { GraphError } from '../errors.js';
import { namesIn, node } from './file-system.js';
import { previousOf } from './swap.js';

/** A member of a series that could not be read. */
export interface SkippedCheckpoint {
  readonly directory: string;
  readonly error: GraphError;
}

/** The directory of one step of a series. */
export async function stepDirectory(series: string, step: number): Promise<string> {
  const { path } = await node();
  return path.join(series, `step-${step}`);
}

// A member that is just being replaced, or was when its save was killed, is only there under its previous name.
const member = /^(?:\.(step-\d+)\.previous|step-\d+)$/;

/** The steps that a series holds, newest first. */
export async function stepsIn(series: string): Promise<number[]> {
  const found = ((await namesIn(series)) ?? []).filter((name) => member.test(name));
  const steps = found.map((name) => Number(/\d+/.exec(name)?.[0]));
  return [...new Set(steps)].filter(Number.isSafeInteger).sort((a, b) => b - a);
}

/** Removes all but the newest members; the one just saved stays whatever its step. */
export async function pruneSeries(series: string, keep: number, saved: number): Promise<void> {
  const { fs } = await node();
  const others = (await stepsIn(series)).filter((step) => step !== saved);
  for (const step of others.slice(keep - 1)) {
    const directory = await stepDirectory(series, step);
    await fs.rm(directory, { recursive: true, force: true });
    await fs.rm(await previousOf(directory), { recursive: true, force: true });
  }
}

/** Removes all checkpoints of a series, and its directory if nothing else is there. */
export async function removeCheckpoints(series: string): Promise<void> {
  const { fs } = await node();
  for (const step of await stepsIn(series)) {
    const directory = await stepDirectory(series, step);
    await fs.rm(directory, { recursive: true, force: true });
    await fs.rm(await previousOf(directory), { recursive: true, force: true });
  }
  if ((await namesIn(series))?.length === 0) await fs.rmdir(series);
}

/** Loads the newest member that can be loaded. Errors: that of the newest member, when none can. */
export async function newestValid<T>(series: string, load: (directory: string) => Promise<T>) {
  const skipped: SkippedCheckpoint[] = [];
  for (const step of await stepsIn(series)) {
    const directory = await stepDirectory(series, step);
    try {
      const value = await load(directory);
      if (skipped.length > 0) warn(directory, skipped);
      return { value, directory, skipped };
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      skipped.push({ directory, error });
    }
  }
  const [first] = skipped;
  throw new GraphError(first?.error.code ?? 'FILE_NOT_FOUND', series, {
    what: `none of the ${skipped.length} checkpoints can be read; the newest: ${first?.error.details.what}`,
    cause: first?.error,
  });
}

function warn(directory: string, skipped: readonly SkippedCheckpoint[]): void {
  const list = skipped
    .map((one) => `${one.directory} (${one.error.code}: ${one.error.details.what})`)
    .join(', ');
  process.emitWarning(`loaded ${directory}, because newer checkpoints can not be read: ${list}`, {
    code: 'TENON_CHECKPOINT_SKIPPED',
  });
}
