import { GraphError } from '../errors.js';
import type { Node } from './tensor.js';

/** The body of a loop or branch while it is being traced; a node that is built inside belongs to it. */
export interface Region {
  readonly parent: Region | undefined;
  readonly where: string;
}

/** What every node that is built inside a block of code takes over from the blocks around it. */
export interface Scope {
  /** Where the node must run, for example `/device:js:1`. */
  readonly device: string | undefined;
  /** Path of layers, for names and errors: `sequential/dense`. */
  readonly path: string;
  /** Nodes that must have run before. */
  readonly controls: readonly Node[];
  readonly region: Region | undefined;
}

// Only ever set while the function given to withScope runs, and put back when it returns or throws.
let current: Scope = { device: undefined, path: '', controls: [], region: undefined };

export const currentScope = (): Scope => current;

export function withScope<T>(changes: Partial<Scope>, build: () => T): T {
  const outer = current;
  current = { ...outer, ...changes };
  try {
    return build();
  } finally {
    current = outer;
  }
}

/**
 * Nodes that `build` makes run on the named device: `js:1`, `/job:ps/task:0/device:js:0`.
 * A name may leave parts open. Of nested hints the innermost counts.
 */
export const withDevice = <T>(device: string, build: () => T): T => withScope({ device }, build);

/** Prefixes names and error messages of what `build` makes with `name/`. */
export const withName = <T>(name: string, build: () => T): T =>
  withScope({ path: current.path === '' ? name : `${current.path}/${name}` }, build);

/** Nodes that `build` makes run after `before`; a variable read among them sees the updates in `before`. Errors: VALUE_INVALID. */
export function controlDependencies<T>(
  before: readonly { readonly node: Node }[],
  build: () => T,
): T {
  if (!Array.isArray(before) || before.some((tensor) => !tensor?.node)) {
    throw new GraphError('VALUE_INVALID', 'controlDependencies', {
      what: 'what must have run before is not a list of tensors.',
      fix: 'write controlDependencies([update], () => ...).',
    });
  }
  return withScope({ controls: [...current.controls, ...before.map(({ node }) => node)] }, build);
}
