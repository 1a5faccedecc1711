import type { DigitsLine } from './digits.js';
import { best, digits, firstStep, type Measured, products, ratios, ratioTo } from './gates.js';
import { type Line, threadsOf } from './peers.js';
import { type RoofLine, vectorAdvantage } from './roofs.js';

const number = (value: number | null | undefined): string =>
  typeof value === 'number' && Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '';

/** `0.7 met` or `0.7 not met`: always by the plain target. */
const judged = (target: number | undefined, met: boolean): string =>
  target === undefined ? '' : `${target} ${met ? 'met' : 'not met'}`;

/** What was measured as Markdown, to be read as it is or pasted into a page. */
export function tables({ lines, roofs, digits: example }: Measured): string {
  const advantage = vectorAdvantage(roofs);
  return [
    ...(lines.length > 0 ? [caseTable(lines)] : []),
    ...(roofs.length > 0 ? [roofTable(roofs)] : []),
    ...(example ? [digitsTable(example)] : []),
    ...(advantage === undefined
      ? []
      : [`Vector advantage of PyTorch on this machine, 4 at the most: ${advantage.toFixed(2)}.`]),
  ].join('\n\n');
}

const caseHead =
  'Case|Engine|Setting|Step, ms|Fastest|Ours / it|Target|Inference|First step|Compile|Peak MB';

function caseTable(lines: readonly Line[]): string {
  return table(
    caseHead.split('|'),
    lines.map((line) => caseRow(line, lines)),
  );
}

function caseRow(line: Line, lines: readonly Line[]): string[] {
  const isOurs = line.peer === 'tenon';
  const ratio = ratioTo(lines, line);
  const target =
    line === best(lines, line.case, line.peer) ? ratios[line.peer]?.[line.case] : undefined;
  const first = isOurs ? firstStep[line.case] : undefined;
  const firstTarget = judged(first, (line.first_step_ms ?? Number.NaN) <= (first ?? 0));
  return [
    line.case,
    line.peer,
    line.setting ?? threadsOf(line.threads),
    line.error ?? number(line.train_median_ms),
    number(line.train_ms),
    isOurs ? '' : number(ratio),
    judged(target, ratio <= (target ?? 0)),
    number(line.infer_ms),
    number(line.first_step_ms) + (firstTarget && ` (${firstTarget})`),
    number(line.compile_ms),
    number(line.peak_mb),
  ];
}

function digitsTable({ seconds, accuracy }: DigitsLine): string {
  return table(
    ['Example', 'Found', 'Target'],
    [
      [
        'digits: test accuracy',
        number(accuracy),
        judged(digits.accuracy, accuracy >= digits.accuracy),
      ],
      ['digits: seconds', number(seconds), judged(digits.seconds, seconds <= digits.seconds)],
    ],
  );
}

const roofHead = 'Kernel|Engine|Threads|GFLOP/s|GB/s|Of roof|Speed-up|Target';

function roofTable(roofs: readonly RoofLine[]): string {
  return table(roofHead.split('|'), roofs.map(roofRow));
}

function roofRow(line: RoofLine): string[] {
  return [
    line.case,
    line.peer,
    `${line.threads}`,
    number(line.gflops),
    number(line.gb_s ?? line.copy_gb_s),
    number(line.of_roof ?? line.of_copy),
    number(line.speedup),
    roofTarget(line),
  ];
}

function roofTarget({ peer, case: name, threads, of_roof = 0, speedup = 0 }: RoofLine): string {
  if (peer !== 'tenon' || !(Number(/^gemm (\d+)$/.exec(name)?.[1]) >= products.from)) return '';
  if (threads === 1) return judged(products.ofRoof, of_roof >= products.ofRoof);
  return threads === 2 ? judged(products.speedup, speedup >= products.speedup) : '';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
