/** Modules of Node that are used where they exist. */
interface BuiltinModules {
  readonly 'node:os': typeof import('node:os');
  readonly 'node:v8': typeof import('node:v8');
  readonly 'node:worker_threads': typeof import('node:worker_threads');
}

type Asking = {
  readonly process?: { getBuiltinModule?(name: string): unknown };
};

/** A module of Node, or undefined elsewhere. No import statement, so that bundles for browsers need no substitute. */
export function builtinModule<Name extends keyof BuiltinModules>(
  name: Name,
): BuiltinModules[Name] | undefined {
  const { process } = globalThis as Asking;
  return process?.getBuiltinModule?.(name) as BuiltinModules[Name] | undefined;
}
