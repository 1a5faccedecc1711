/**
 * Measures training steps, ours and the peers', each in a process of its own, in turns; and products and loops beside roofs.
 * npm run bench -- [--cases a,b] [--threads n] [--peers tenon-js,tfjs-wasm,tfjs-cpu,jax-js,torch] [--json]
 *   [--rounds n] [--seconds s] [--gate f] [--read file]
 * --cases   of models.ts, `roofs`, and `digits`, which is `npm start`; all but the last by default.
 * --json    JSON lines instead of tables; --read makes the tables of such lines and measures nothing.
 * --gate    fails where a promise is missed by more than the factor, after measuring its case once more; peers that have no
 *           promise about a case do not run.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type DigitsLine, measureDigits } from './digits.js';
import { type Gate, gatesOf, holds, type Measured, ofProducts, ratios, verdict } from './gates.js';
import { measure } from './measure.js';
import { models } from './models.js';
import { type Line, type Peer, peers } from './peers.js';
import { measureRoofs, type RoofLine } from './roofs.js';
import { tables } from './table.js';

const usualCases = [...Object.keys(models), 'roofs'];
const caseNames = [...usualCases, 'digits'];

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: usualCases.join() },
    threads: { type: 'string', default: String(availableParallelism()) },
    peers: { type: 'string', default: 'tfjs-wasm,tfjs-cpu,jax-js,torch' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    gate: { type: 'string' },
    json: { type: 'boolean', default: false },
    read: { type: 'string' },
  },
});
const positive = (name: 'threads' | 'rounds' | 'seconds' | 'gate', text: string): number => {
  if (!(Number(text) > 0)) throw new Error(`--${name} is a positive number, not '${text}'`);
  return Number(text);
};
const threads = positive('threads', values.threads);
const rounds = positive('rounds', values.rounds);
const seconds = positive('seconds', values.seconds);
const factor = values.gate === undefined ? undefined : positive('gate', values.gate);

const listed = (text: string) => text.split(',').filter((name) => name);

/** The peers that are asked for and there; the others are named. */
async function presentPeers(): Promise<Peer[]> {
  const present: Peer[] = [];
  for (const name of ['tenon', ...listed(values.peers)]) {
    const peer = peers[name];
    if (!peer) throw new Error(`there is no peer ${name}; peers: ${Object.keys(peers).join(', ')}`);
    const missing = await peer.missing();
    if (missing === undefined) present.push(peer);
    else console.error(`missing: ${name} (${missing}); run scripts/install-benchmark-peers`);
  }
  return present;
}

function casesToMeasure(): string[] {
  const names = listed(values.cases);
  const unknown = names.filter((name) => !caseNames.includes(name));
  if (unknown.length > 0)
    throw new Error(`there is no case ${unknown}; cases: ${caseNames.join(', ')}`);
  // Some gates need the roofs of the same run.
  const needs = factor !== undefined && names.some((name) => ofProducts.has(name));
  return needs ? [...new Set([...names, 'roofs'])] : names;
}

/** Where and when: in every JSON line. */
interface Host {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly date: string;
}

const host: Host = {
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown processor',
  cores: availableParallelism(),
  date: new Date().toISOString().slice(0, 10),
};

const headOf = ({ node, cpu, cores, date }: Host): string =>
  `${cpu}, ${cores} cores, Node ${node}, ${date}`;

/** Measures a case and puts its lines in the place of those that were there. */
async function measureInto(
  measured: Measured,
  name: string,
  present: readonly Peer[],
): Promise<Measured> {
  if (name === 'roofs') {
    const sizes = factor === undefined ? [64, 128, 256, 512, 1024, 2048] : [512, 1024];
    const options = { sizes, threads, seconds: Math.min(1, seconds), peers: present };
    return { ...measured, roofs: await measureRoofs(options) };
  }
  if (name === 'digits') return { ...measured, digits: await measureDigits() };
  const promised = (peer: Peer) => peer.name === 'tenon' || ratios[peer.name]?.[name] !== undefined;
  const taking = factor === undefined ? present : present.filter(promised);
  const lines = await measure(name, { peers: taking, threads, rounds, seconds });
  return { ...measured, lines: [...measured.lines.filter((line) => line.case !== name), ...lines] };
}

/** Prints each verdict and counts them where CI wants to know. */
function judge(gates: readonly Gate[], softer: number): void {
  for (const gate of gates) console.error(verdict(gate, softer));
  const failed = gates.filter((gate) => !holds(gate, softer)).length;
  const summary = { passed: gates.length - failed, failed, skipped: 0 };
  if (process.env.TEST_SUMMARY) writeFileSync(process.env.TEST_SUMMARY, JSON.stringify(summary));
  if (failed > 0) process.exitCode = 1;
}

async function measureAll(): Promise<void> {
  const present = await presentPeers();
  let measured: Measured = { lines: [], roofs: [] };
  for (const name of casesToMeasure()) measured = await measureInto(measured, name, present);
  const missed = gatesOf(measured).filter((gate) => factor && !holds(gate, factor));
  // Another process may have slowed down one side.
  for (const name of new Set(missed.map((gate) => gate.case))) {
    console.error(`${name} is measured again`);
    measured = await measureInto(measured, name, present);
  }
  print(measured);
  if (factor) judge(gatesOf(measured), factor);
}

function print(measured: Measured): void {
  if (!values.json) console.log(`${headOf(host)}\n\n${tables(measured)}\n`);
  else {
    const { lines, roofs, digits } = measured;
    for (const line of [...lines, ...roofs, ...(digits ? [digits] : [])]) {
      console.log(JSON.stringify({ ...line, ...host }));
    }
  }
}

/** The tables of what --json printed. */
function tablesOf(file: string): string {
  const texts = readFileSync(file, 'utf8').split('\n');
  const all = texts
    .filter((text) => text)
    .map((text) => JSON.parse(text) as Line & RoofLine & Host);
  const isDigits = (line: Line) => line.case === 'digits';
  const isCase = (line: Line) => models[line.case] !== undefined;
  const example = all.find(isDigits) as unknown as DigitsLine | undefined;
  const measured = {
    lines: all.filter(isCase),
    roofs: all.filter((line) => !isCase(line) && !isDigits(line)),
    ...(example ? { digits: example } : {}),
  };
  return `${[...new Set(all.map(headOf))].join('\n')}\n\n${tables(measured)}`;
}

if (values.read) console.log(tablesOf(values.read));
else await measureAll();
