import { publishedStragglers } from '../../../src/scale/index.js';
import { lineChart } from '../chart/line-chart.js';
import { backups as published } from '../published/figures.js';
import { inception, inceptionMedian, normalised, withBackups } from '../published/inception.js';
import { type Figure, markdown } from './figure.js';

const most = 6;

export function backupsFigure(steps = 400): Figure {
  const model = inception(inceptionMedian, publishedStragglers.tail.probability);
  const counts = [...Array(most + 1).keys()];
  const times = counts.map((b) => withBackups(model, b, steps).stepTime.median);
  const without = times[0] as number;
  const shorter = times.map((time, b) => [b, without / time] as const);
  const gain = times.map((time, b) => [b, normalised(without, time, b)] as const);
  const svg = lineChart({
    title: 'Inception-v3 on 50 workers and their backups',
    x: { title: 'backup workers', least: 0, greatest: most },
    y: { title: 'speed-up over no backups', least: 1, greatest: 1.25 },
    series: [
      { name: 'step time', points: shorter },
      { name: 'normalised', points: gain },
      { name: 'published', points: [[published.best, published.speedUp]], style: 'points' },
    ],
  });
  const rows = times.map((time, b) => [
    String(b),
    time.toFixed(3),
    normalised(without, time, b).toFixed(3),
  ]);
  const head = ['Backups', 'Step time, s, simulated', 'Normalised speed-up, simulated'];
  return { svg, table: markdown(head, rows) };
}
