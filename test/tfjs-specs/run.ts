import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { bundleSpecs } from './bundle.js';
import type { SpecResult } from './jasmine.js';

/**
 * Runs tfjs-core's own operation and gradient specs on one of Tenon's devices, or on tfjs's own reference.
 *
 *   tsx --conditions=@tenon/source test/tfjs-specs/run.ts [--on js|wasm|cpu] [--only REGEX] [--out FILE.json] [--failures]
 */
const { values: options } = parseArgs({
  options: {
    on: { type: 'string', default: 'js' },
    only: { type: 'string', default: '' },
    out: { type: 'string' },
    failures: { type: 'boolean', default: false },
  },
});

const bundle = (await import(await bundleSpecs(options.on))) as {
  runSpecs(only: RegExp): Promise<SpecResult[]>;
};
const results = await bundle.runSpecs(new RegExp(options.only));

const count = (status: SpecResult['status']) =>
  results.filter((result) => result.status === status).length;
if (options.failures) {
  for (const { spec, status, messages } of results) {
    if (status === 'failed') console.log(`${spec}\n    ${messages.join('\n    ')}`);
  }
}
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
if (options.out) await writeFile(options.out, JSON.stringify(results, null, 1));
process.exit(count('failed') > 0 ? 1 : 0);
