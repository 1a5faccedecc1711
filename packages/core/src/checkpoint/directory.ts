import { GraphError } from '../errors.js';
import { namesIn, node, readWhole, sha256, syncDirectory, writeSynced } from './file-system.js';
import {
  decodeManifest,
  encodeManifest,
  fileName,
  type Manifest,
  type Metadata,
  manifestName,
  manifestVersion,
} from './manifest.js';
import { clearLeftovers, previousOf, putInPlace, temporaryName } from './swap.js';

export interface DirectoryOptions {
  /** What the directory holds: `checkpoint`, `model`. */
  readonly kind: string;
  readonly step?: number | undefined;
  readonly metadata?: Metadata | undefined;
}

export interface SavedDirectory {
  readonly manifest: Manifest;
  readonly files: Map<string, Uint8Array>;
}

const maxManifestBytes = 64 * 2 ** 20;

/**
 * Saves files and their manifest as one directory, which appears whole or not at all: they are written beside it under a
 * temporary name, synced to disk and renamed. A killed save leaves what was there before. Files in an earlier
 * version of the directory that its manifest does not name are kept; a directory that was not saved by Tenon is not touched.
 * Errors: NAME_TAKEN, ATTRIBUTE_INVALID, WRITE_FAILED.
 */
export async function writeDirectoryAtomically(
  directory: string,
  files: ReadonlyMap<string, Uint8Array>,
  options: DirectoryOptions,
): Promise<void> {
  const manifest = await describeFiles(files, options, directory);
  const all = new Map(files).set(manifestName, encodeManifest(manifest));
  try {
    await replaceDirectory(directory, all);
  } catch (cause) {
    throw isSystemError(cause) ? notWritten(directory, cause) : cause;
  }
}

/** The manifest is the last of the files. */
async function replaceDirectory(
  directory: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const { fs, path } = await node();
  const target = path.resolve(directory);
  await fs.mkdir(path.dirname(target), { recursive: true });
  await clearLeftovers(target);
  await checkReplaceable(target, directory);
  const temporary = await temporaryName(target);
  await fs.mkdir(temporary);
  try {
    for (const [name, bytes] of files) await writeSynced(path.join(temporary, name), bytes);
    await syncDirectory(temporary);
    await putInPlace(temporary, target);
  } catch (error) {
    await fs.rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && (error as NodeJS.ErrnoException).syscall !== undefined;

const notWritten = (directory: string, cause: Error): GraphError =>
  new GraphError('WRITE_FAILED', directory, {
    what: `it could not be saved: ${cause.message}. What was there before is still there.`,
    fix: 'free some space on its disk, or save to another directory.',
    cause,
  });

async function describeFiles(
  files: ReadonlyMap<string, Uint8Array>,
  { kind, step, metadata = {} }: DirectoryOptions,
  where: string,
): Promise<Manifest> {
  const described = [];
  for (const [name, bytes] of files) {
    if (!fileName.safeParse(name).success) {
      throw new GraphError('ATTRIBUTE_INVALID', where, {
        what: `${name} can not be the name of a file in a saved directory.`,
      });
    }
    described.push({ name, bytes: bytes.length, sha256: await sha256(bytes) });
  }
  const manifest = {
    format: 'tenon',
    version: manifestVersion,
    kind,
    ...(step === undefined ? {} : { step }),
    files: described,
    metadata,
  };
  try {
    // What is written can be read back.
    return decodeManifest(encodeManifest(manifest as Manifest), where);
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    throw new GraphError('ATTRIBUTE_INVALID', where, {
      what: cause.details.what,
      fix: 'metadata must be plain JSON.',
      cause,
    });
  }
}

async function checkReplaceable(target: string, where: string): Promise<void> {
  const { fs, path } = await node();
  const names = await namesIn(target);
  if (names?.length === 0) return;
  const manifest = path.join(target, manifestName);
  if (names?.includes(manifestName) && (await isManifest(manifest))) return;
  const exists =
    names !== undefined || (await fs.stat(target).catch(() => undefined)) !== undefined;
  if (!exists) return;
  throw new GraphError('NAME_TAKEN', where, {
    what: 'something is there that Tenon did not save.',
    fix: 'save to another directory, or remove it first.',
  });
}

// A damaged manifest of ours may be replaced too: only who wrote it matters here.
async function isManifest(file: string): Promise<boolean> {
  const text = new TextDecoder().decode(await readWhole(file, maxManifestBytes));
  return text.includes('"format": "tenon"');
}

/**
 * Reads a saved directory and checks every file against the manifest. After a save that was killed between two renames
 * the version before it is read.
 * Errors: FILE_NOT_FOUND, FORMAT_INVALID, CHECKSUM_MISMATCH.
 */
export async function readDirectory(
  directory: string,
  { kind }: { kind?: string } = {},
): Promise<SavedDirectory> {
  const { path } = await node();
  const target = path.resolve(directory);
  const present = (await namesIn(target)) !== undefined;
  const source = present ? target : await previousOf(target);
  if ((await namesIn(source)) === undefined) {
    throw new GraphError('FILE_NOT_FOUND', directory, { what: 'there is no such directory.' });
  }
  const manifest = await readManifest(source, directory);
  if (kind !== undefined && manifest.kind !== kind) {
    throw new GraphError('FORMAT_INVALID', directory, {
      what: `it holds a ${manifest.kind}, not a ${kind}.`,
    });
  }
  const files = new Map<string, Uint8Array>();
  for (const { name, ...expected } of manifest.files) {
    const bytes = await readWhole(path.join(source, name), expected.bytes);
    if (bytes.length !== expected.bytes || (await sha256(bytes)) !== expected.sha256) {
      throw new GraphError('CHECKSUM_MISMATCH', path.join(directory, name), {
        what: 'its contents differ from what the manifest says.',
        fix: 'the file was damaged or changed after it was saved; load another copy.',
      });
    }
    files.set(name, bytes);
  }
  return { manifest, files };
}

async function readManifest(source: string, directory: string): Promise<Manifest> {
  const { path } = await node();
  const bytes = await readWhole(path.join(source, manifestName), maxManifestBytes);
  return decodeManifest(bytes, path.join(directory, manifestName));
}
