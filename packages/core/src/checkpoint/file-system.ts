import { GraphError } from '../errors.js';

// Node's modules are loaded when a file is first touched, so that browsers can import the package.
export const node = async () => {
  const [fs, path, crypto, os] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
    import('node:crypto'),
    import('node:os'),
  ]);
  return { fs, path, crypto, os };
};

export const errorCodeOf = (error: unknown): string | undefined =>
  (error as { code?: string } | undefined)?.code;

const chunk = 2 ** 26;

/** Writes a new file and waits until the disk has it. */
export async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const { fs } = await node();
  const handle = await fs.open(file, 'wx');
  try {
    for (let start = 0; start < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes.subarray(start, start + chunk));
      start += bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Waits until the disk has the names in a directory. Systems that cannot sync a directory order renames themselves. */
export async function syncDirectory(directory: string): Promise<void> {
  const { fs } = await node();
  try {
    const handle = await fs.open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP'].includes(errorCodeOf(error) ?? '')) throw error;
  }
}

/** The bytes of a regular file of at most `limit` bytes. Errors: FILE_NOT_FOUND, FORMAT_INVALID. */
export async function readWhole(file: string, limit: number): Promise<Uint8Array> {
  const { fs } = await node();
  // Before opening: opening a named pipe would wait for a writer for ever.
  const { size } = await regularFile(file);
  if (size > limit)
    throw new GraphError('FORMAT_INVALID', file, {
      what: `${size} bytes are more than the ${limit} expected.`,
    });
  const handle = await fs.open(file, 'r');
  try {
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await handle.read(
        bytes,
        length,
        Math.min(chunk, size - length),
        length,
      );
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

async function regularFile(file: string) {
  const { fs } = await node();
  try {
    const stat = await fs.stat(file);
    if (stat.isFile()) return stat;
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new GraphError('FILE_NOT_FOUND', file, { what: 'the file does not exist.', cause });
  }
  throw new GraphError('FORMAT_INVALID', file, { what: 'it is not a regular file.' });
}

const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes(errorCodeOf(error) ?? '');

/** The names in a directory, sorted; undefined where there is no such directory. */
export async function namesIn(directory: string): Promise<string[] | undefined> {
  const { fs } = await node();
  try {
    return (await fs.readdir(directory)).sort();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  const { crypto } = await node();
  const hash = crypto.createHash('sha256');
  for (let start = 0; start < bytes.length; start += chunk)
    hash.update(bytes.subarray(start, start + chunk));
  return hash.digest('hex');
}
