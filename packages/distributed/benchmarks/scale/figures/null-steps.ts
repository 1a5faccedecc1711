import { publishedCosts } from '../../../src/scale/index.js';
import { lineChart } from '../chart/line-chart.js';
import { nullSteps } from '../published/figures.js';
import { lookup, nullStep } from '../published/null-step.js';
import { type Figure, markdown } from './figure.js';

const counts = [1, 2, 5, 10, 25, 50, 100];
const models = {
  'dense 1 GB': { denseBytes: 1e9 },
  'dense 100 MB': { denseBytes: 1e8 },
  'sparse, 16 GB': { denseBytes: 0, sparse: lookup(16e9) },
  scalar: { denseBytes: 64 },
};

export function nullStepFigure(): Figure {
  const series = Object.entries(models).map(([name, model]) => ({
    name,
    points: counts.map((n) => [n, 1000 * nullStep(model, n, publishedCosts)] as const),
  }));
  const published = nullSteps.map(({ workers, seconds }) => [workers, 1000 * seconds] as const);
  const svg = lineChart({
    title: 'Synchronous steps that compute nothing, 16 servers',
    x: { title: 'workers', least: 1, greatest: 100, logarithmic: true },
    y: { title: 'median step time, ms', least: 1, greatest: 10_000, logarithmic: true },
    series: [...series, { name: 'published', points: published, style: 'points' }],
  });
  const rows = nullSteps.map(({ name, workers, bytes, seconds, fitted }) => {
    const simulated = nullStep({ denseBytes: bytes }, workers, publishedCosts);
    // Adding 0 makes 0 of -0.
    const error = `${Math.round(100 * (simulated / seconds - 1)) + 0} %`;
    const ms = [seconds, simulated].map((s) => String(Number((1000 * s).toPrecision(3))));
    return [name, String(workers), ...ms, error, fitted ? 'yes' : 'no'];
  });
  const head = ['Null step', 'Workers', 'Published, ms', 'Simulated, ms', 'Error', 'Fitted'];
  return { svg, table: markdown(head, rows) };
}
