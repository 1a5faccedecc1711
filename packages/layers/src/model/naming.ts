import { GraphError } from '@tenon/core';
import type { Layer } from '../layer.js';

/** Gives layers without a name of their own one that is unique: dense, dense_1, ... Errors: NAME_TAKEN for two of the same given name. */
export function nameLayers(layers: readonly Layer[], where: string): void {
  const taken = new Set<string>();
  for (const layer of layers) {
    if (layer.config.name === undefined) continue;
    if (taken.has(layer.name)) {
      throw new GraphError('NAME_TAKEN', where, {
        what: `two layers are called ${layer.name}.`,
        fix: 'give each layer of a model a name of its own, or none.',
      });
    }
    taken.add(layer.name);
  }
  for (const layer of layers) {
    if (layer.config.name !== undefined) continue;
    const base = layer.name.replace(/_\d+$/, '');
    let name = taken.has(layer.name) ? base : layer.name;
    for (let i = 1; taken.has(name); i++) name = `${base}_${i}`;
    layer.name = name;
    taken.add(name);
  }
}
