import { execFileSync } from 'node:child_process';

// What a full disk is to writes: files of this process end where the system says, and no further.
const limit = (bytes: string) =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);

/** No file can grow beyond some bytes from now on; of all of this process. */
export const fillDisk = (bytes = 0): void => void limit(String(bytes));

/** There is room again. */
export const emptyDisk = (): void => void limit('unlimited');
