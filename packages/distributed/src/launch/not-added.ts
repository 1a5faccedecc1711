import { GraphError } from '@tenon/core';

/** Errors: NAME_UNKNOWN. */
export function notAdded(name: string): never {
  throw new GraphError('NAME_UNKNOWN', 'removeWorker', {
    what: `no worker ${name} was added.`,
    fix: 'give a name that addWorker gave; the tasks that a cluster began with stay.',
  });
}
