import type { DigitsLine } from './digits.js';
import type { Line } from './peers.js';
import { type RoofLine, vectorAdvantage } from './roofs.js';

/** Largest ratios of our training step to a peer's that are promised, by case; medians on a quiet machine. */
export const ratios: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  torch: { linreg: 0.05, mlp_small: 0.05, mlp_mnist: 0.7, cnn_mnist: 0.5, lstm_text: 0.6 },
  'jax-js': { mlp_mnist: 0.45 },
  'tfjs-wasm': { mlp_mnist: 0.06 },
};

/** Milliseconds from the call of `fit` to the end of the first step, in a fresh process. */
export const firstStep: Readonly<Record<string, number>> = { cnn_mnist: 800 };

/** Of square products from this size on: least part of the roof on one thread, least speed-up on two. */
export const products = { from: 512, ofRoof: 0.75, speedup: 1.8 } as const;

/** Of the example that `npm start` runs: least accuracy, and most seconds on two cores. */
export const digits = { accuracy: 0.99, seconds: 90 } as const;

/**
 * Cases whose time PyTorch spends in products and convolutions on wide vectors. Their targets were set where vector units have
 * 128 bits, as WebAssembly has. A gate must find what became slower, not what hardware it runs on, so the vector advantage that
 * PyTorch was measured to have in the same run widens it. Tables judge by the plain target all the same.
 */
export const ofProducts: ReadonlySet<string> = new Set(['mlp_mnist', 'cnn_mnist']);

/** A promise and what was measured. */
export interface Gate {
  /** The case that is measured again where it is missed. */
  readonly case: string;
  readonly states: string;
  readonly found: number;
  readonly target: number;
  /** Of at most the target, or of at least. */
  readonly side: 'most' | 'least';
  /** What the target is widened by, beside the factor of the gate. */
  readonly advantage: number;
  /** The factor of the gate does not apply: no other process makes it worse. */
  readonly exact?: true;
}

export interface Measured {
  readonly lines: readonly Line[];
  readonly roofs: readonly RoofLine[];
  readonly digits?: DigitsLine;
}

const median = (line: Line | undefined): number =>
  line?.error ? Number.POSITIVE_INFINITY : (line?.train_median_ms ?? Number.POSITIVE_INFINITY);

/** The line of the fastest way of a peer. */
export function best(lines: readonly Line[], name: string, peer: string): Line | undefined {
  return lines
    .filter((line) => line.case === name && line.peer === peer)
    .sort((a, b) => median(a) - median(b))[0];
}

/** Our training step over a line's; Infinity where ours failed, NaN where the other did. */
export function ratioTo(lines: readonly Line[], line: Line): number {
  const [ours, theirs] = [median(best(lines, line.case, 'tenon')), median(line)];
  return Number.isFinite(theirs) ? ours / theirs : Number.NaN;
}

/** The promises about what was measured; a peer or case that was left out has none. */
export function gatesOf({ lines, roofs, digits: found }: Measured): Gate[] {
  return [
    ...ratioGates(lines, vectorAdvantage(roofs) ?? 1),
    ...stepGates(lines),
    ...roofGates(roofs),
    ...(found ? digitsGates(found) : []),
  ];
}

function ratioGates(lines: readonly Line[], advantage: number): Gate[] {
  return Object.entries(ratios).flatMap(([peer, cases]) =>
    Object.entries(cases).flatMap(([name, target]): Gate[] => {
      const theirs = best(lines, name, peer);
      if (!theirs) return [];
      return [
        {
          case: name,
          states: `${name}: training step, ours / ${peer}`,
          found: ratioTo(lines, theirs),
          target,
          side: 'most',
          advantage: peer === 'torch' && ofProducts.has(name) ? advantage : 1,
        },
      ];
    }),
  );
}

function stepGates(lines: readonly Line[]): Gate[] {
  return Object.entries(firstStep).flatMap(([name, target]): Gate[] => {
    const ours = best(lines, name, 'tenon');
    if (!ours) return [];
    const found = ours.first_step_ms ?? Number.POSITIVE_INFINITY;
    const states = `${name}: first training step, ms`;
    return [{ case: name, states, found, target, side: 'most', advantage: 1 }];
  });
}

function roofGates(roofs: readonly RoofLine[]): Gate[] {
  const large = roofs.filter(
    (line) => line.peer === 'tenon' && Number(/^gemm (\d+)$/.exec(line.case)?.[1]) >= products.from,
  );
  const gate = { case: 'roofs', side: 'least', advantage: 1 } as const;
  return large.flatMap((line): Gate[] => {
    const { threads, of_roof: found = Number.NaN, speedup = Number.NaN } = line;
    if (threads === 1) {
      const states = `${line.case}: part of the roof, 1 thread`;
      return [{ ...gate, states, found, target: products.ofRoof }];
    }
    if (threads !== 2) return [];
    return [
      {
        ...gate,
        states: `${line.case}: speed-up, 2 threads`,
        found: speedup,
        target: products.speedup,
      },
    ];
  });
}

function digitsGates({ accuracy, seconds }: DigitsLine): Gate[] {
  const gate = { case: 'digits', advantage: 1 } as const;
  return [
    {
      ...gate,
      states: 'digits: test accuracy',
      found: accuracy,
      target: digits.accuracy,
      side: 'least',
      exact: true,
    },
    { ...gate, states: 'digits: seconds', found: seconds, target: digits.seconds, side: 'most' },
  ];
}

/** The number that decides whether a gate holds. */
function limitOf({ target, side, advantage, exact }: Gate, factor: number): number {
  if (exact) return target;
  return side === 'most' ? target * factor * advantage : target / factor;
}

export function holds(gate: Gate, factor: number): boolean {
  const limit = limitOf(gate, factor);
  return gate.side === 'most' ? gate.found <= limit : gate.found >= limit;
}

/** One sentence: what was found, whether the plain target is met, and where the gate lies. */
export function verdict(gate: Gate, factor: number): string {
  const { states, found, target, side, advantage, exact } = gate;
  const times = advantage > 1 ? ` x ${advantage.toFixed(2)} (wider vectors of the machine)` : '';
  const scaled = side === 'most' ? ` = ${target} x ${factor}${times}` : ` = ${target} / ${factor}`;
  return [
    holds(gate, factor) ? 'ok    ' : 'MISSED',
    ` ${states}: ${found.toPrecision(3)};`,
    ` target at ${side} ${target} is ${holds({ ...gate, advantage: 1 }, 1) ? 'met' : 'not met'},`,
    ` gate ${limitOf(gate, factor).toPrecision(3)}${exact ? '' : scaled}`,
  ].join('');
}
