import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const tfjsCore = path.dirname(require.resolve('@tensorflow/tfjs-core/package.json'));

/** The spec files that the published list names and that test operations or gradients. */
export async function specFiles(): Promise<string[]> {
  const list = await readFile(path.join(tfjsCore, 'dist/tests.js'), 'utf8');
  return [...list.matchAll(/^import '\.\/(.*)';$/gm)]
    .map(([, file]) => file as string)
    .filter((file) => file.startsWith('ops/') || file === 'gradients_test');
}

/** One copy of tfjs-core for specs and backend: two copies would have two engines. */
const oneTfjsCore: Plugin = {
  name: 'one-tfjs-core',
  setup({ onResolve }) {
    onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({
      path: path.join(tfjsCore, 'dist/index.js'),
    }));
  },
};

/**
 * Bundles jasmine's globals, the test environment `environments/<name>.ts` and the specs into one module,
 * which exports `runSpecs`. The order of the imports matters: specs register themselves while they load.
 */
export async function bundleSpecs(environment: string): Promise<string> {
  const cache = path.join(here, '../../node_modules/.cache/tfjs-specs');
  await mkdir(cache, { recursive: true });
  const outfile = path.join(cache, `${environment}.mjs`);
  const specs = (await specFiles()).map((file) => path.join(tfjsCore, 'dist', `${file}.js`));
  const modules = [
    path.join(here, 'jasmine.ts'),
    path.join(tfjsCore, 'dist/public/chained_ops/register_all_chained_ops.js'),
    path.join(tfjsCore, 'dist/register_all_gradients.js'),
    path.join(here, `environments/${environment}.ts`),
    ...specs,
  ];
  await build({
    stdin: {
      contents: [
        ...modules.map((file) => `import ${JSON.stringify(file)};`),
        `export { runSpecs } from ${JSON.stringify(modules[0])};`,
      ].join('\n'),
      resolveDir: here,
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@tenon/source'],
    // tfjs-core calls `require` in modules that are otherwise ESM.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    // The package declares its spec files free of side effects.
    ignoreAnnotations: true,
    plugins: [oneTfjsCore],
    logLevel: 'error',
  });
  return outfile;
}
