/**
 * Draws the charts of docs/explanation/scaling.md and prints its tables. A few minutes.
 * Run: npx tsx --conditions=@tenon/source packages/distributed/benchmarks/scale/draw.ts
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { backupsFigure } from './figures/backups.js';
import { nullStepFigure } from './figures/null-steps.js';
import { denseFigure, sparseFigure } from './figures/speed-up.js';

const folder = new URL('../../../../docs/explanation/scaling/', import.meta.url);
await mkdir(folder, { recursive: true });
const figures = {
  'null-steps': nullStepFigure,
  backups: backupsFigure,
  'speed-up-dense': denseFigure,
  'speed-up-sparse': sparseFigure,
};
const wanted = process.argv.slice(2);
for (const [name, make] of Object.entries(figures)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const start = performance.now();
  const { svg, table } = make();
  await writeFile(new URL(`${name}.svg`, folder), svg);
  console.log(`\n${name}, ${((performance.now() - start) / 1000).toFixed(1)} s\n\n${table}`);
}
