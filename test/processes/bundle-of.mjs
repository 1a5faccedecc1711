import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = new URL('../..', import.meta.url).href;

/** The folder of bundles, as long as tests run. */
export const bundles = process.env.TENON_TEST_BUNDLES ?? '';

/** The URL of the bundle of a module in TypeScript, by its URL; null where it has none. */
export function bundleOf(url) {
  if (!bundles || !url.startsWith(root)) return null;
  const { pathname, search } = new URL(url.slice(root.length), `${pathToFileURL(bundles)}/`);
  if (!pathname.endsWith('.ts')) return null;
  const bundle = new URL(`file://${pathname.slice(0, -3)}.js${search}`);
  return existsSync(fileURLToPath(bundle)) ? bundle.href : null;
}
