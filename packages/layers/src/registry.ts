import { GraphError, nearest } from '@tenon/core';
import type { z } from 'zod';
import type { Layer } from './layer.js';
import * as builtIn from './layer-classes.js';

/** A class of layers: its name in saved models, the schema of its options, and what makes one. */
export interface LayerClass {
  readonly className: string;
  readonly config: z.ZodType;
  new (config: never): Layer;
}

/** All classes of this package by their names in saved models. */
export const layerClasses: ReadonlyMap<string, LayerClass> = new Map(
  Object.values(builtIn).map((type: LayerClass) => [type.className, type]),
);

/** Makes a layer of options that were not checked yet: its schema does. Errors: ATTRIBUTE_INVALID. */
export type LayerConstructor = new (config: unknown) => Layer;

/** The class of that name, among the custom ones first. Errors: NAME_UNKNOWN, with the nearest. */
export function layerClass(
  className: string,
  custom: readonly LayerClass[] = [],
): LayerConstructor {
  const own = custom.find((type) => type.className === className);
  const found = own ?? layerClasses.get(className);
  if (found) return found as unknown as LayerConstructor;
  const known = [...custom.map((type) => type.className), ...layerClasses.keys()];
  const near = nearest(className, known);
  throw new GraphError('NAME_UNKNOWN', 'layer', {
    what: `there is no layer class "${className}"${near ? `; did you mean "${near}"?` : '.'}`,
    fix: `give a class of your own as customLayers, or use one of ${known.join(', ')}.`,
  });
}
