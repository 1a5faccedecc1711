import { bundleOf } from './bundle-of.mjs';

/** Bundles in the place of the modules that they are made of. */
export function load(url, context, next) {
  const bundle = bundleOf(url);
  if (!bundle) return next(url, context);
  const source = `export * from ${JSON.stringify(bundle)};`;
  return { format: 'module', shortCircuit: true, source };
}
