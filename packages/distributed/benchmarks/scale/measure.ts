/**
 * Measures what the simulator for scale is calibrated on, and writes `samples.json` beside this file. A minute.
 * Run: npx tsx --conditions=@tenon/source packages/distributed/benchmarks/scale/measure.ts
 */
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseSamples } from '../../src/scale/index.js';
import { measureNullSteps } from './samples/null-steps.js';
import { measureApplies, measureReads, measureSaves } from './samples/shards.js';
import { measureSteps } from './samples/steps.js';
import { measureTransfers } from './samples/transfers.js';

const samples = {
  machine: {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    load: loadavg()[0] ?? 0,
  },
  ...(await measureTransfers()),
  reads: measureReads(),
  applies: measureApplies(),
  saves: measureSaves(),
  nullSteps: await measureNullSteps(),
  steps: await measureSteps(),
};
const json = JSON.stringify(
  samples,
  (_, value) => (typeof value === 'number' ? round(value) : value),
  1,
);
parseSamples(json);
await writeFile(fileURLToPath(new URL('samples.json', import.meta.url)), `${json}\n`);

function round(value: number): number {
  return Number(value.toPrecision(4));
}
