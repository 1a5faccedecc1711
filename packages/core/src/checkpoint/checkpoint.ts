import { GraphError } from '../errors.js';
import type { HostTensor } from '../graph/host-tensor.js';
import { readDirectory, writeDirectoryAtomically } from './directory.js';
import type { Metadata } from './manifest.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensors,
  namedEntries,
  storedBytes,
} from './safetensors.js';
import {
  newestValid,
  pruneSeries,
  type SkippedCheckpoint,
  stepDirectory,
  stepsIn,
} from './series.js';

export interface CheckpointOptions {
  /** Training step; part of the manifest, and the name of the directory in a series. */
  readonly step?: number;
  /** Free JSON. */
  readonly metadata?: Metadata;
  /** Makes `directory` a series: the checkpoint goes to `directory/step-N`, and only the newest `keep` stay. Needs `step`. */
  readonly keep?: number;
  /** Largest data of one file, in bytes; one tensor is never split. 1 GiB when left out. */
  readonly shardBytes?: number;
}

export interface Checkpoint {
  readonly tensors: Map<string, HostTensor>;
  readonly step: number | undefined;
  readonly metadata: Metadata;
  /** Where it was read: a member, when a series was asked for. */
  readonly directory: string;
  /** Newer members of the series that could not be read, and why. */
  readonly skipped: readonly SkippedCheckpoint[];
}

const kind = 'checkpoint';

/**
 * Saves tensors by name as a directory of safetensors files and a manifest, whole or not at all.
 * Gives back the directory of this checkpoint. Errors: NAME_TAKEN, ATTRIBUTE_INVALID, FORMAT_INVALID (a name that is not allowed).
 */
export async function saveCheckpoint(
  directory: string,
  tensors: NamedTensors,
  options: CheckpointOptions = {},
): Promise<string> {
  const { step, metadata, keep, shardBytes = 2 ** 30 } = options;
  checkOptions(directory, options);
  const target = keep === undefined ? directory : await stepDirectory(directory, step as number);
  await writeDirectoryAtomically(target, encodeShards(tensors, shardBytes), {
    kind,
    step,
    metadata,
  });
  if (keep !== undefined) await pruneSeries(directory, keep, step as number);
  return target;
}

function checkOptions(directory: string, { step, keep, shardBytes }: CheckpointOptions): void {
  const refuse = (what: string): never => {
    throw new GraphError('ATTRIBUTE_INVALID', directory, { what });
  };
  const whole = (value: number | undefined, least: number) =>
    value === undefined || (Number.isSafeInteger(value) && value >= least);
  if (!whole(step, 0)) refuse(`step is ${step} and must be an integer of at least 0.`);
  if (!whole(keep, 1)) refuse(`keep is ${keep} and must be an integer of at least 1.`);
  if (!whole(shardBytes, 1))
    refuse(`shardBytes is ${shardBytes} and must be an integer of at least 1.`);
  if (keep !== undefined && step === undefined)
    refuse('a series (keep) needs the step of each checkpoint.');
}

function encodeShards(tensors: NamedTensors, limit: number): Map<string, Uint8Array> {
  const shards: [string, HostTensor][][] = [[]];
  let filled = 0;
  for (const entry of namedEntries(tensors)) {
    const bytes = storedBytes(entry[1]);
    if (filled > 0 && filled + bytes > limit) {
      shards.push([]);
      filled = 0;
    }
    (shards.at(-1) as [string, HostTensor][]).push(entry);
    filled += bytes;
  }
  const name = (i: number) =>
    shards.length === 1
      ? 'weights'
      : `weights-${String(i + 1).padStart(5, '0')}-of-${String(shards.length).padStart(5, '0')}`;
  return new Map(
    shards.map((shard, i) => [`${name(i)}.safetensors`, encodeSafetensors(new Map(shard))]),
  );
}

/**
 * Loads a checkpoint, or the newest one of a series that can be read; what had to be skipped is in the result and
 * in a warning of the process. Errors: FILE_NOT_FOUND, FORMAT_INVALID, CHECKSUM_MISMATCH.
 */
export async function loadCheckpoint(directory: string): Promise<Checkpoint> {
  if ((await stepsIn(directory)).length === 0)
    return { ...(await loadOne(directory)), directory, skipped: [] };
  const { value, directory: found, skipped } = await newestValid(directory, loadOne);
  return { ...value, directory: found, skipped };
}

async function loadOne(
  directory: string,
): Promise<Pick<Checkpoint, 'tensors' | 'step' | 'metadata'>> {
  const { manifest, files } = await readDirectory(directory, { kind });
  const tensors = new Map<string, HostTensor>();
  for (const [file, bytes] of files) {
    for (const [name, tensor] of decodeSafetensors(bytes).tensors) {
      if (tensors.has(name)) {
        throw new GraphError('FORMAT_INVALID', directory, {
          what: `two files hold a tensor named ${name}; the second is ${file}.`,
        });
      }
      tensors.set(name, tensor);
    }
  }
  return { tensors, step: manifest.step, metadata: manifest.metadata };
}
