import {
  publishedStragglers,
  type ScaleModel,
  type ScalingCurveOptions,
  scalingCurve,
} from '../../../src/scale/index.js';
import { lineChart } from '../chart/line-chart.js';
import { type Figure, markdown } from './figure.js';

/** 25 million parameters, a step of a second. */
export const denseModel: ScaleModel = {
  denseBytes: 100e6,
  examplesPerStep: 32,
  computeTime: { median: 1, ...publishedStragglers },
};

/** A table of 16 GB of which a step of a second looks up 2,000 rows of 256 numbers, and a small net behind it. */
export const sparseModel: ScaleModel = {
  denseBytes: 0.4e6,
  sparse: { tableBytes: 16e9, rowBytes: 1024, rowsPerStep: 2000 },
  examplesPerStep: 128,
  computeTime: { median: 1, ...publishedStragglers },
};

type Mode = Pick<ScalingCurveOptions, 'mode' | 'backups'>;

const modes: Readonly<Record<string, Mode>> = {
  synchronous: { mode: 'sync' },
  '6 % backups': { mode: 'sync', backups: (workers) => Math.floor(0.06 * workers) },
  asynchronous: { mode: 'async' },
};

/** Speed-up of each mode over one worker. */
export function speedUpFigure(
  name: string,
  model: ScaleModel,
  workers: readonly number[],
  steps = 8,
): Figure {
  const curves = Object.entries(modes).map(([mode, options]) => ({
    name: mode,
    points: scalingCurve({ model, parameterServers: 16, workers, steps, ...options }),
  }));
  const greatest = Math.max(...workers);
  const svg = lineChart({
    title: `Speed-up of ${name}, 16 servers`,
    x: { title: 'workers', least: 1, greatest, logarithmic: true },
    y: { title: 'speed-up over one worker', least: 1, greatest, logarithmic: true },
    series: [
      ...curves.map((curve) => ({
        name: curve.name,
        points: curve.points.map((point) => [point.workers, point.speedUp] as const),
      })),
      {
        name: 'as many as workers',
        points: [
          [1, 1],
          [greatest, greatest],
        ],
        style: 'dashed',
      },
    ],
  });
  const rows = workers.map((count, i) => [
    String(count),
    ...curves.map(({ points }) => String(Number(points[i]?.speedUp.toPrecision(3)))),
  ]);
  const head = ['Workers', ...Object.keys(modes).map((mode) => `${mode}, simulated`)];
  return { svg, table: markdown(head, rows) };
}

const counts = [1, 2, 5, 10, 25, 50, 100, 200, 500, 1000];

export const denseFigure = (): Figure => speedUpFigure('a dense model', denseModel, counts);
export const sparseFigure = (): Figure => speedUpFigure('a sparse model', sparseModel, counts);
