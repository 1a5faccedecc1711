/**
 * Fits the costs and stragglers of the published figures, and prints them for `published-costs.ts`. Five minutes.
 * Run: npx tsx --conditions=@tenon/source packages/distributed/benchmarks/scale/published/fit.ts
 */
import {
  publishedCosts,
  publishedStragglers,
  type ScaleCosts,
  simulateScale,
} from '../../../src/scale/index.js';
import { asynchronous, backups, nullSteps } from './figures.js';
import { inception, normalised, withBackups } from './inception.js';
import { nullStep } from './null-step.js';

/** Where an increasing function of a number above 0 reaches a value; half the logarithm of the range each turn. */
function solve(
  increasing: (x: number) => number,
  target: number,
  [low, high]: readonly [number, number],
  turns: number,
): number {
  for (let turn = 0; turn < turns; turn++) {
    const middle = Math.sqrt(low * high);
    if (increasing(middle) < target) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

/** Each cost has the figure that it decides most: turn by turn it is set to what gives this figure. */
const decides = [
  { cost: 'requestTime', name: 'scalar', workers: 100, sign: 1 },
  { cost: 'latency', name: 'scalar', workers: 1, sign: 1 },
  { cost: 'workerBandwidth', name: 'dense 1 GB', workers: 1, sign: -1 },
  { cost: 'serverBandwidth', name: 'dense 1 GB', workers: 100, sign: -1 },
] as const;

function fitCosts(): ScaleCosts {
  let costs = publishedCosts;
  for (let round = 0; round < 4; round++) {
    for (const { cost, name, workers, sign } of decides) {
      const figure = nullSteps.find((f) => f.name === name && f.workers === workers && f.fitted);
      if (!figure) throw new Error(`no figure of ${name} with ${workers} workers is to be fitted`);
      const time = (factor: number) => {
        const tried = { ...costs, [cost]: costs[cost] * factor ** sign };
        return nullStep({ denseBytes: figure.bytes }, workers, tried);
      };
      costs = {
        ...costs,
        [cost]: costs[cost] * solve(time, figure.seconds, [0.1, 10], 14) ** sign,
      };
    }
  }
  return costs;
}

function fitStragglers(): { median: number; probability: number } {
  let median = 2.5;
  let probability: number = publishedStragglers.tail.probability;
  for (let round = 0; round < 2; round++) {
    const { examplesPerSecond } = simulateScale({
      model: inception(median, probability),
      mode: 'async',
      workers: asynchronous.workers,
      parameterServers: 16,
      costs: publishedCosts,
      steps: 5,
    });
    median *= examplesPerSecond / asynchronous.imagesPerSecond;
    const gain = (share: number) => {
      const time = (b: number) => withBackups(inception(median, share), b, 150).stepTime.median;
      return normalised(time(0), time(backups.best), backups.best);
    };
    probability = solve(gain, backups.speedUp, [0.005, 0.15], 7);
  }
  return { median, probability };
}

console.log(fitCosts());
console.log(fitStragglers());
