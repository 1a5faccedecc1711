import { CommanderError } from 'commander';
import { createProgram } from './program.js';

/**
 * Runs the command line and gives the exit status: 0 done, 1 failed, 2 wrong usage. Errors are told by their message alone,
 * unless `--stack` or TENON_STACK=1 asks for where they came from.
 */
export async function run(args: readonly string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has already written what is wrong, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const stack = program.opts().stack === true || process.env.TENON_STACK === '1';
    process.stderr.write(`${described(error, stack)}\n`);
    return 1;
  }
}

function described(error: unknown, stack: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return stack ? (error.stack ?? error.message) : error.message;
}
