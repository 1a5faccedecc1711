import type { Line } from './peers.js';

/** Largest ratios of our training step to a peer's that are promised, by case; medians on a quiet machine. */
const promised: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  torch: { linreg: 0.05, mlp_small: 0.05, mlp_mnist: 0.7, cnn_mnist: 0.5, lstm_text: 0.6 },
  'jax-js': { mlp_mnist: 0.45 },
  'tfjs-wasm': { mlp_mnist: 0.06 },
};

const median = (line: Line | undefined): number =>
  line?.train_median_ms ?? Number.POSITIVE_INFINITY;

/** The line of the fastest way of a peer. */
function best(lines: readonly Line[], name: string, peer: string): Line | undefined {
  return lines
    .filter((line) => line.case === name && line.peer === peer && !line.error)
    .sort((a, b) => median(a) - median(b))[0];
}

export function printTable(lines: readonly Line[]): void {
  const rows = lines.map((line) => {
    const ours = best(lines, line.case, 'tenon');
    return {
      case: line.case,
      peer: line.peer,
      setting: line.setting ?? `${line.threads} threads`,
      'train ms': line.error ?? line.train_ms,
      'median ms': line.train_median_ms,
      'ours / it': line.error ? undefined : Number((median(ours) / median(line)).toFixed(3)),
      'infer ms': line.infer_ms,
      'first step ms': line.first_step_ms,
      'compile ms': line.compile_ms,
      'peak MB': line.peak_mb,
    };
  });
  console.table(rows);
}

/** What is slower than promised by more than the factor, a sentence each. */
export function gates(lines: readonly Line[], factor: number): string[] {
  return Object.entries(promised).flatMap(([peer, cases]) =>
    Object.entries(cases).flatMap(([name, ratio]) => {
      const [ours, theirs] = [best(lines, name, 'tenon'), best(lines, name, peer)];
      if (!ours || !theirs) return [];
      const found = median(ours) / median(theirs);
      if (found <= ratio * factor) return [];
      return [`${name}: ours / ${peer} is ${found.toFixed(3)}, promised ${ratio} x ${factor}.`];
    }),
  );
}
