/**
 * Measures training steps, ours and the peers', each in a process of its own, in turns.
 * npm run bench -- [--cases a,b] [--threads n] [--peers tenon-js,tfjs-wasm,tfjs-cpu,jax-js,torch] [--rounds n] [--roofs] [--gate f] [--json]
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measure } from './measure.js';
import { models } from './models.js';
import { type Line, type Peer, peers } from './peers.js';
import { gates, printTable } from './table.js';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: Object.keys(models).join(',') },
    threads: { type: 'string', default: String(availableParallelism()) },
    peers: { type: 'string', default: 'tfjs-wasm,jax-js,torch' },
    rounds: { type: 'string', default: '2' },
    roofs: { type: 'boolean', default: false },
    gate: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const threads = Number(values.threads);
const names = values.cases.split(',').filter((name) => name);
const unknown = names.filter((name) => !models[name]);
if (unknown.length > 0) {
  throw new Error(`there is no case ${unknown}; cases: ${Object.keys(models).join(', ')}`);
}
const chosen = ['tenon', ...values.peers.split(',').filter((name) => name)].map((name) => {
  const peer = peers[name];
  if (!peer) throw new Error(`there is no peer ${name}; peers: ${Object.keys(peers).join(', ')}`);
  return peer;
});
const present: Peer[] = [];
for (const peer of chosen) {
  const missing = await peer.missing();
  if (missing === undefined) present.push(peer);
  else
    console.error(
      `skipped: ${peer.name} is missing (${missing}); see scripts/install-benchmark-peers`,
    );
}

const host = { node: process.version, cpu: cpus()[0]?.model, cores: availableParallelism() };
console.error(`${host.cpu}, ${host.cores} cores, Node ${host.node}, ${new Date().toISOString()}`);
const lines: Line[] = [];
for (const name of names) {
  for (const line of await measure(name, {
    peers: present,
    threads,
    rounds: Number(values.rounds),
  })) {
    lines.push(line);
    if (values.json) console.log(JSON.stringify({ ...line, ...host }));
  }
}
if (!values.json && lines.length > 0) printTable(lines);
if (values.roofs) {
  const script = 'packages/wasm/benchmarks/roofs.ts';
  const args = ['--import', 'tsx', '--conditions=@tenon/source', script, '--threads', `${threads}`];
  spawnSync(process.execPath, args, { stdio: 'inherit' });
}
if (values.gate !== undefined) {
  const broken = gates(lines, Number(values.gate));
  for (const text of broken) console.error(text);
  if (broken.length > 0) process.exitCode = 1;
}
