/** One case of Tenon in a process of its own: tenon.ts <case> <threads> <seconds> [device]; prints one JSON line. */
import * as tn from 'tenon';
import { models } from '../models.js';

const [name = 'mlp_mnist', threads = '2', seconds = '4', kind = 'wasm'] = process.argv.slice(2);
const device = kind === 'js' ? tn.js() : tn.wasm({ threads: Number(threads) });
const session = new tn.Session({ devices: [device], seed: 1 });
tn.setDefaultSession(session);

const found = models[name];
if (!found) throw new Error(`there is no case ${name}; cases: ${Object.keys(models).join(', ')}`);
const { batch, optimizer, loss, model: build, data } = found;
const model = build();
model.compile({ optimizer, loss });

const rounded = (value: number) => Number(value.toPrecision(4));
const one = data(batch);
const start = performance.now();
await model.fit(one.x, one.y, { epochs: 1, batchSize: batch, verbose: 0 });
const first = performance.now() - start;
const compiled = 1000 * session.compileSeconds; // of the step alone

// An epoch of about 0.4 s: enough steps that what an epoch itself costs does not count.
const steps = Math.max(4, Math.min(2000, Math.round(400 / (await stepTime()))));
const many = data(batch * steps);
const times: number[] = [];
for (
  const deadline = performance.now() + 1000 * Number(seconds);
  times.length < 5 || performance.now() < deadline;
) {
  const begin = performance.now();
  await model.fit(many.x, many.y, { epochs: 1, batchSize: batch, verbose: 0 });
  times.push((performance.now() - begin) / steps);
}
times.sort((a, b) => a - b);

const inferences: number[] = [];
for (
  const deadline = performance.now() + 250 * Number(seconds);
  inferences.length < 5 || performance.now() < deadline;
) {
  const begin = performance.now();
  await model.predictOnBatch(one.x);
  inferences.push(performance.now() - begin);
}
inferences.sort((a, b) => a - b);

console.log(
  JSON.stringify({
    peer: kind === 'js' ? 'tenon-js' : 'tenon',
    case: name,
    threads: Number(threads),
    train_ms: rounded(times[0] as number),
    train_median_ms: rounded(times[times.length >> 1] as number),
    infer_ms: rounded(inferences[inferences.length >> 1] as number),
    compile_ms: rounded(compiled),
    first_step_ms: rounded(first),
    peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
session.close();
device.close();

/** Milliseconds of a step, when it has settled. */
async function stepTime(): Promise<number> {
  const few = data(batch * 4);
  let time = first;
  const settling = Math.min(1000, 500 * Number(seconds));
  for (const deadline = performance.now() + settling; performance.now() < deadline; ) {
    const begin = performance.now();
    await model.fit(few.x, few.y, { epochs: 1, batchSize: batch, verbose: 0 });
    time = Math.min(time, (performance.now() - begin) / 4);
  }
  return time;
}
