import { type applied, drawInputs, dtypesOf, opTable, seededRandom } from '@tenon/conformance';
import {
  gradients,
  type HostTensor,
  isFloat,
  js,
  Session,
  sizeOf,
  type Tensor,
  variable,
} from '@tenon/core';
import { expect } from 'chai';

type Row = Parameters<typeof applied>[0];

const isLong = Number(process.env.TENON_RUNS ?? 1) > 1;
const devices = [0, 1, 2].map((index) => js({ index }));
const over = devices.map(({ name }) => name);
const rows: readonly Row[] = Object.values(opTable).flat();

/** The largest shapes of a row. */
const shapesOf = ({ shapes }: Row) => [...shapes].sort((a, b) => total(b) - total(a))[0] ?? [];
const total = (shapes: readonly (readonly number[])[]) =>
  shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);

/** One axis of an input that can be cut; all of them in the long tier. */
const chosenAxes = (row: Row) => {
  const all = axesOf(row);
  const { next } = seededRandom(`${row.name} axis`);
  return isLong || all.length === 0 ? all : [all[Math.floor(next() * all.length)] as Cut];
};

interface Cut {
  readonly input: number;
  readonly axis: number;
  readonly size: number;
}

/** Every axis of every input that can be cut. */
const axesOf = (row: Row): Cut[] =>
  shapesOf(row).flatMap((shape, input) =>
    shape.flatMap((size, axis) => (size >= 2 ? [{ input, axis, size }] : [])),
  );

/** Results and gradients of a row whose inputs are variables, one of them in pieces. */
async function results(row: Row, values: readonly HostTensor[], cut?: Cut) {
  const inputs = values.map((value) => variable(value));
  const made = row.op(...inputs);
  const outputs = (Array.isArray(made) ? made : [made]) as Tensor[];
  const smooth = outputs.filter(({ dtype }) => isFloat(dtype));
  const xs = inputs.filter(({ dtype }) => isFloat(dtype));
  const differs = row.gradient === undefined || row.gradient === true;
  const slopes = differs && smooth.length > 0 && xs.length > 0 ? slopesOf(smooth, xs) : [];
  const session = new Session({ devices });
  if (cut) {
    const { input, axis, size } = cut;
    session.place(inputs[input] as never, { axis, over: over.slice(0, Math.min(size, 3)) });
  }
  const found = await session.run([...outputs, ...slopes]);
  session.close();
  return found;
}

function slopesOf(ys: readonly Tensor[], xs: readonly Tensor[]): readonly Tensor[] {
  try {
    return gradients(ys, xs);
  } catch {
    return [];
  }
}

function expectNear(found: readonly HostTensor[], wanted: readonly HostTensor[], where: string) {
  wanted.forEach((value, i) => {
    const other = found[i] as HostTensor;
    expect([other.dtype, other.shape], where).to.deep.equal([value.dtype, value.shape]);
    for (let at = 0; at < value.size; at++) {
      const [a, b] = [Number(value.data[at]), Number(other.data[at])];
      if (Object.is(a, b) || a === b) continue;
      const off = Math.abs(a - b) / Math.max(1, Math.abs(a));
      expect(off, `${where}, output ${i}, element ${at}: ${b} instead of ${a}`).to.be.below(1e-5);
    }
  });
}

describe('ops on variables in pieces', () => {
  for (const [family, cases] of Object.entries(opTable)) {
    it(`${family} give what they give on whole ones`, async () => {
      for (const row of cases as readonly Row[]) {
        const [dtype = 'float32'] = dtypesOf(row);
        const values = drawInputs(row, { shapes: shapesOf(row), dtype }, seededRandom(row.name));
        const wanted = await results(row, values);
        for (const cut of chosenAxes(row)) {
          const where = `${row.name}, input ${cut.input} cut on axis ${cut.axis}`;
          expectNear(await results(row, values, cut), wanted, where);
        }
      }
    });
  }

  it('are many enough to mean something', () => {
    expect(rows.flatMap(chosenAxes).length).to.be.above(200);
  });
});
