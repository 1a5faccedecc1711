import { clusterError } from './cluster-error.js';

/** Environment variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable; one that is empty or blank counts as not set. */
export function readVariable(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value ? value : undefined;
}

/** The first of some variables that is set. */
export function readFirst(
  environment: Environment,
  ...names: readonly string[]
): { name: string; value: string } | undefined {
  for (const name of names) {
    const value = readVariable(environment, name);
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

/** A variable that must be there. Errors: CLUSTER_INVALID, with `fix`. */
export function requireVariable(environment: Environment, name: string, fix: string): string {
  const value = readVariable(environment, name);
  if (value !== undefined) return value;
  throw clusterError(name, 'the variable is not set.', { fix });
}

/** A whole number from 0; `name` says where the text stood. Errors: CLUSTER_INVALID. */
export function parseCount(text: string, name: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text.trim()) && Number.isSafeInteger(value)) return value;
  throw clusterError(name, `"${text}" is not a whole number from 0.`, {
    fix: 'write decimal digits only.',
  });
}

/** A variable as a whole number from 0. Errors: CLUSTER_INVALID. */
export function readCount(environment: Environment, name: string): number | undefined {
  const value = readVariable(environment, name);
  return value === undefined ? undefined : parseCount(value, name);
}

const defaultPort = 2222;

/** The port of a host's first task, `TENON_PORT`; 2222 where it is not set. Errors: CLUSTER_INVALID. */
export function readPort(environment: Environment): number {
  const port = readCount(environment, 'TENON_PORT') ?? defaultPort;
  if (port >= 1 && port <= 65_535) return port;
  throw clusterError('TENON_PORT', `${port} is no port.`, { fix: 'choose one from 1 to 65535.' });
}
