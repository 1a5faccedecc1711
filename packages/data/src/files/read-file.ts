import { GraphError } from '@tenon/core';

/**
 * The bytes of a file. Node only; the import is made when it is called, so that browsers load the rest of the package.
 * Errors: FILE_NOT_FOUND.
 */
export async function readFile(path: string | URL, where: string): Promise<Uint8Array> {
  const { readFile: read } = await import('node:fs/promises');
  try {
    return await read(path);
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EISDIR') throw cause;
    throw new GraphError('FILE_NOT_FOUND', where, {
      what: `there is no file ${path}.`,
      fix: 'check the path; a relative one starts at the current directory.',
      cause,
    });
  }
}

/**
 * The path of a file inside an installed package: one that this package can see, or else the project in the current
 * directory. Node only. Errors: FILE_NOT_FOUND.
 */
export async function packageFile(name: string, file: string, where: string): Promise<string> {
  const [{ createRequire }, { join }] = await Promise.all([
    import('node:module'),
    import('node:path'),
  ]);
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve(`${name}/${file}`);
    } catch {
      // Not to be seen from here; the next place is tried, and the error below speaks for all.
    }
  }
  throw new GraphError('FILE_NOT_FOUND', where, {
    what: `the package ${name}, which holds the data, is not installed.`,
    fix: `run: npm install ${name}`,
  });
}
