import { type Axis, place, ticks, tickText } from './axis.js';

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** `points` has no line, `dashed` no points. `line` by default. */
  readonly style?: 'line' | 'points' | 'dashed';
}

export interface LineChart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const [width, height] = [720, 420];
const area = { left: 76, right: 520, top: 48, bottom: 364 };
// Told apart in daylight and in the dark, and by those who confuse red and green.
const colours = {
  light: ['#0b62a8', '#b34700', '#1a7f4b', '#8a3b9c', '#5f6368'],
  dark: ['#6cb6ff', '#ffa366', '#5fd08f', '#d9a0e8', '#b0b6bd'],
};
const shapes = ['circle', 'square', 'diamond', 'triangle', 'circle'] as const;

/** A chart as SVG text that follows the reader's choice of light or dark; every title says that it is simulated. */
export function lineChart({ title, x, y, series }: LineChart): string {
  const across = { ...x, from: area.left, to: area.right };
  const up = { ...y, from: area.bottom, to: area.top };
  const at = (point: readonly [number, number]): [number, number] => [
    place(point[0], across),
    place(point[1], up),
  ];
  const middle = (area.left + area.right) / 2;
  const centre = (area.top + area.bottom) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${simulated(title)}</title>`,
    `<style>${styles(series.length)}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="heading" x="${area.left}" y="28">${simulated(title)}</text>`,
    ...ticks(x).map((value) => {
      const [left] = at([value, y.least]);
      return `<path class="grid" d="M${r(left)} ${area.top}V${area.bottom}"/><text x="${r(left)}" y="${area.bottom + 20}" text-anchor="middle">${tickText(value)}</text>`;
    }),
    ...ticks(y).map((value) => {
      const [, top] = at([x.least, value]);
      return `<path class="grid" d="M${area.left} ${r(top)}H${area.right}"/><text x="${area.left - 8}" y="${r(top + 4)}" text-anchor="end">${tickText(value)}</text>`;
    }),
    `<text x="${middle}" y="${area.bottom + 44}" text-anchor="middle">${simulated(x.title)}</text>`,
    `<text transform="translate(18 ${centre}) rotate(-90)" text-anchor="middle">${simulated(y.title)}</text>`,
    ...series.map((one, i) => drawn(one, i, at)),
    ...series.map((one, i) => legend(one, i)),
    '</svg>',
    '',
  ].join('\n');
}

const r = (value: number): string => value.toFixed(1);

function simulated(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `${escaped} (simulated)`;
}

function styles(count: number): string {
  const rules = (theme: readonly string[]): string =>
    theme
      .slice(0, count)
      .map((colour, i) => `.s${i}{stroke:${colour}}.m${i}{fill:${colour};stroke:${colour}}`)
      .join('');
  return [
    'text{font:13px system-ui,sans-serif;fill:#1f2328}.heading{font-size:15px;font-weight:600}',
    '.paper{fill:#fff}.grid{stroke:#d0d7de;fill:none}.line{fill:none;stroke-width:2}.dashed{stroke-dasharray:6 5}',
    rules(colours.light),
    '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.grid{stroke:#30363d}',
    rules(colours.dark),
    '}',
  ].join('');
}

function drawn(
  { points, style = 'line' }: Series,
  i: number,
  at: (point: readonly [number, number]) => [number, number],
): string {
  const places = points.map(at);
  const path = places.map(([left, top], n) => `${n ? 'L' : 'M'}${r(left)} ${r(top)}`).join('');
  const line = `<path class="line s${i}${style === 'dashed' ? ' dashed' : ''}" d="${path}"/>`;
  const marks = places.map(([left, top]) => mark(i, left, top, style === 'points'));
  return [...(style === 'points' ? [] : [line]), ...(style === 'dashed' ? [] : marks)].join('');
}

function mark(i: number, x: number, y: number, large: boolean): string {
  const size = large ? 6 : 4;
  const path = {
    circle: `M${r(x - size)} ${r(y)}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0`,
    square: `M${r(x - size)} ${r(y - size)}h${2 * size}v${2 * size}h${-2 * size}z`,
    diamond: `M${r(x)} ${r(y - size - 1)}l${size + 1} ${size + 1}l${-size - 1} ${size + 1}l${-size - 1} ${-size - 1}z`,
    triangle: `M${r(x)} ${r(y - size - 1)}l${size + 1} ${2 * size}h${-2 * size - 2}z`,
  }[shapes[i % shapes.length] ?? 'circle'];
  return `<path class="m${i}" d="${path}"/>`;
}

function legend({ name, style = 'line' }: Series, i: number): string {
  const y = area.top + 12 + 24 * i;
  const x = area.right + 16;
  const line = `<path class="line s${i}${style === 'dashed' ? ' dashed' : ''}" d="M${x} ${y}h24"/>`;
  const shown = style === 'points' ? '' : line;
  const marked = style === 'dashed' ? '' : mark(i, x + 12, y, style === 'points');
  return `${shown}${marked}<text x="${x + 32}" y="${y + 4}">${name}</text>`;
}
