import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { bundleOf, bundles } from './bundle-of.mjs';

// Preloaded by mocha, and inherited by the processes that tests start. To load a task from source, hundreds of modules one by one, takes
// 1.8 s of CPU; the same task in a bundle takes 0.3 s. Modules that it is told to load must be in bundles too, to share packages.
const [, program = '', ...settings] = process.argv;
const told = settings.flatMap((text) => text.match(/file:[^"]+\.ts[^"]*/g) ?? []);
const modules = [pathToFileURL(program).href, ...told];

if (modules.every(bundleOf)) register('./bundle-hooks.mjs', import.meta.url);
// Threads of a bundle are JavaScript already.
else if (!bundles || !program.startsWith(bundles)) await import('tsx');
