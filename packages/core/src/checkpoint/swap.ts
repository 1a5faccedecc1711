import { errorCodeOf, namesIn, node, readWhole, syncDirectory } from './file-system.js';
import { decodeManifest, manifestName } from './manifest.js';

// No system call replaces one directory by another, so that a save has two renames:
//   target -> previous, temporary -> target.
// Killed between them, the target is missing and `previous` is whole; readers and the next save then take `previous`.

async function beside(target: string, suffix: string): Promise<string> {
  const { path } = await node();
  return path.join(path.dirname(target), `.${path.basename(target)}.${suffix}`);
}

/** Where the version before lies while it is being replaced. */
export const previousOf = (target: string): Promise<string> => beside(target, 'previous');

/** A new name in the same parent. It tells the process, so that what a dead one left behind can be removed. */
export async function temporaryName(target: string): Promise<string> {
  const { os, crypto } = await node();
  return beside(
    target,
    `saving-${os.hostname()}-${process.pid}-${crypto.randomBytes(6).toString('hex')}`,
  );
}

/** Makes a finished temporary directory the target. */
export async function putInPlace(temporary: string, target: string): Promise<void> {
  const { fs, path } = await node();
  const previous = await previousOf(target);
  if ((await namesIn(target)) !== undefined) await fs.rename(target, previous);
  await fs.rename(temporary, target);
  await syncDirectory(path.dirname(target));
  await retire(previous, target);
}

/** Removes the version before, after moving files that no save wrote to the new one. */
async function retire(previous: string, target: string): Promise<void> {
  const { fs, path } = await node();
  const names = await namesIn(previous);
  if (!names) return;
  const saved = await savedNames(previous);
  const taken = new Set(await namesIn(target));
  // Without a readable manifest nothing tells whose the files are: they all stay.
  const strangers = names.filter((name) => !saved.has(name) && !taken.has(name));
  for (const name of strangers) await fs.rename(path.join(previous, name), path.join(target, name));
  await fs.rm(previous, { recursive: true, force: true });
}

async function savedNames(directory: string): Promise<Set<string>> {
  const { path } = await node();
  try {
    const bytes = await readWhole(path.join(directory, manifestName), Number.MAX_SAFE_INTEGER);
    const { files } = decodeManifest(bytes, directory);
    return new Set([manifestName, ...files.map(({ name }) => name)]);
  } catch {
    return new Set([manifestName]);
  }
}

/** Finishes or undoes what killed saves left half done. */
export async function clearLeftovers(target: string): Promise<void> {
  const { fs, path, os } = await node();
  const previous = await previousOf(target);
  if ((await namesIn(target)) !== undefined) await retire(previous, target);
  else if ((await namesIn(previous)) !== undefined) await fs.rename(previous, target);
  const parent = path.dirname(target);
  const prefix = `.${path.basename(target)}.saving-${os.hostname()}-`;
  for (const name of (await namesIn(parent)) ?? []) {
    const owner = name.startsWith(prefix)
      ? Number.parseInt(name.slice(prefix.length), 10)
      : Number.NaN;
    if (!Number.isNaN(owner) && !isRunning(owner))
      await fs.rm(path.join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) === 'EPERM';
  }
}
