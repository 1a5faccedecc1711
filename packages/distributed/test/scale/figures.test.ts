import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { place, ticks } from '../../benchmarks/scale/chart/axis.js';
import { lineChart } from '../../benchmarks/scale/chart/line-chart.js';
import { nullStepFigure } from '../../benchmarks/scale/figures/null-steps.js';
import { denseModel, speedUpFigure } from '../../benchmarks/scale/figures/speed-up.js';

const folder = new URL('../../../../docs/explanation/scaling/', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
/** Title, heading and the titles of the axes. */
const titles = (svg: string): string[] =>
  [...svg.matchAll(/<(?:title|text class="heading"|text [^>]*text-anchor="middle")[^>]*>([^<]*)</g)]
    .map(([, title = '']) => title)
    .filter((title) => /[a-z]{2}/.test(title));

describe('charts', () => {
  it('ticks are powers of ten or round numbers', () => {
    const linear = { title: '', least: 1, greatest: 1.25 };
    expect(ticks(linear)).to.deep.equal([1, 1.05, 1.1, 1.15, 1.2, 1.25]);
    expect(ticks({ title: '', least: 0, greatest: 6 })).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    const logarithmic = { title: '', least: 0.5, greatest: 1000, logarithmic: true };
    expect(ticks(logarithmic)).to.deep.equal([1, 10, 100, 1000]);
    const at = { ...logarithmic, least: 1, from: 0, to: 300 };
    expect([1, 10, 1000].map((value) => Math.round(place(value, at)))).to.deep.equal([0, 100, 300]);
  });

  it('every title says that it is simulated, and no text can become markup', () => {
    const axis = { title: 'a < b', least: 0, greatest: 1 };
    const svg = lineChart({ title: 'A & B', x: axis, y: axis, series: [] });
    expect(titles(svg)).to.deep.equal([
      'A &amp; B (simulated)',
      'A &amp; B (simulated)',
      'a &lt; b (simulated)',
      'a &lt; b (simulated)',
    ]);
  });

  it('a curve is drawn the same from the same seed, rises with the workers and stays below the ideal', () => {
    const [first, second] = [1, 2].map(() => speedUpFigure('a net', denseModel, [1, 4, 16], 4));
    expect(first).to.deep.equal(second);
    const rows = (first?.table ?? '').split('\n').slice(2);
    const speeds = rows.map((row) => row.split('|').slice(2, 5).map(Number));
    for (const mode of [0, 1, 2]) {
      const [one, four, sixteen] = speeds.map((row) => row[mode] as number) as [
        number,
        number,
        number,
      ];
      expect([one > 0.95, four > one, sixteen > four], `mode ${mode}`).to.deep.equal([
        true,
        true,
        true,
      ]);
      expect([one < 1.05, four < 4.1, sixteen < 16.4], `mode ${mode}`).to.deep.equal([
        true,
        true,
        true,
      ]);
    }
  });
});

describe('the charts in the docs', () => {
  for (const name of readdirSync(folder)) {
    it(`${name} says in every title that it is simulated`, () => {
      const found = titles(text(name));
      expect(found).to.have.length(4);
      for (const title of found) expect(title).to.match(/ \(simulated\)$/);
    });

    it(`${name} follows the reader's choice of light or dark, and runs nothing`, () => {
      expect(text(name)).to.contain('@media(prefers-color-scheme:dark)');
      expect(text(name)).to.not.match(/<script|href=|onload/);
    });
  }

  it('the null steps are what the simulator gives now', () => {
    expect(text('null-steps.svg'), 'run benchmarks/scale/draw.ts').to.equal(nullStepFigure().svg);
  });
});
