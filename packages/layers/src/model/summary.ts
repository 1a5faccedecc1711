import type { Layer } from '../layer.js';
import type { Model } from './model.js';
import { stepsOf } from './replay.js';

export interface SummaryOptions {
  readonly print?: (text: string) => void;
  /** Columns of the table. */
  readonly width?: number;
}

/** A box with one row a layer, then the counts of parameters. */
export function summaryText(model: Model, { width = 78 }: SummaryOptions): string {
  const shapes = outputShapes(model);
  const rows = model.layers.map((layer) => [
    `${layer.name} (${layer.className})`,
    shapes.get(layer) ?? '?',
    layer.countParams().toLocaleString('en-US'),
  ]);
  const inner = width - 10;
  const widths = [Math.ceil(inner * 0.45), Math.ceil(inner * 0.35), Math.floor(inner * 0.2)];
  return [
    `Model: "${model.name}"`,
    ...table([['Layer (type)', 'Output Shape', 'Param #'], ...rows], widths),
    ...totals(model),
  ].join('\n');
}

function table(rows: readonly (readonly string[])[], widths: readonly number[]): string[] {
  const rule = (left: string, middle: string, right: string, line: string) =>
    left + widths.map((w) => line.repeat(w + 2)).join(middle) + right;
  const cells = (row: readonly string[], bar: string) =>
    `${bar}${row.map((cell, i) => ` ${fit(cell, widths[i] as number, i === 2)} `).join(bar)}${bar}`;
  const [head, ...body] = rows as [readonly string[], ...(readonly string[])[]];
  const separated = body.flatMap((row, i) =>
    i === 0 ? [cells(row, '│')] : [rule('├', '┼', '┤', '─'), cells(row, '│')],
  );
  return [
    rule('┏', '┳', '┓', '━'),
    cells(head, '┃'),
    rule('┡', '╇', '┩', '━'),
    ...separated,
    rule('└', '┴', '┘', '─'),
  ];
}

function fit(text: string, width: number, right: boolean): string {
  const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  return right ? cut.padStart(width) : cut.padEnd(width);
}

/** The output shape of each layer where it is first used. */
function outputShapes(model: Model): Map<Layer, string> {
  const shapes = new Map<Layer, string>();
  if (!model.isBuilt) return shapes;
  for (const step of stepsOf({ inputs: model.inputs, outputs: model.outputs })) {
    if (step.kind !== 'layer' || shapes.has(step.application.layer)) continue;
    const shown = step.outputs.map(
      ({ shape }) => `(${shape.map((size) => size ?? 'None').join(', ')})`,
    );
    shapes.set(step.application.layer, shown.join(', '));
  }
  return shapes;
}

function totals(model: Model): string[] {
  const weights = model.uniqueWeights();
  const count = (list: typeof weights) =>
    list.reduce((sum, { variable: { size } }) => sum + size, 0);
  const line = (label: string, number: number) =>
    ` ${label} params: ${number.toLocaleString('en-US')} (${bytes(4 * number)})`;
  const trainable = count(weights.filter((weight) => weight.trainable));
  const all = count(weights);
  return [line('Total', all), line('Trainable', trainable), line('Non-trainable', all - trainable)];
}

function bytes(count: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  const power = count === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  return `${(count / 1024 ** power).toFixed(2)} ${units[power]}`;
}
