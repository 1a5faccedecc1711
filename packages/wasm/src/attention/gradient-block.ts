import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, v128 } from '../encoder/simd.js';
import { forPanels, type PanelGroup, panelCount } from '../gemm/panels.js';
import { storedTile } from '../gemm/stored-tile.js';
import { apartRows, type TileShape, tileColumns, tileRows } from '../gemm/tile.js';
import type { Backward } from './backward-scope.js';
import { exponential } from './exponential.js';
import { hidden } from './masking.js';
import { halves } from './online-softmax.js';
import { multiplyPanels } from './panel-tiles.js';
import { backwardSizes, panelBytes, panelQueries } from './sizes.js';

/** From one key to the next in weights and gradients of scores. */
const keyBytes = backwardSizes.panels * panelBytes;

/** The keys that are worked on meet the queries of the tile. */
export function attendGradientBlock(backward: Backward): Code {
  const { k, geometry, local, masking, statistics } = backward;
  const { size, values } = geometry;
  const [index, first] = [k.f.i32(), k.f.i32()];
  const ofScores = { index, a: local.keys, b: local.queries, depth: size, to: local.weights };
  const ofWeights = { index, a: local.values, b: local.flows, depth: values, to: local.scores };
  const perPanel = (panel: Local) =>
    seq(
      index.set(i32.sub(panel.get, local.panel.get)),
      first.set(i32.mul(panel.get, i32.const(panelQueries))),
      masking.panel(first),
      statistics.select(index),
      scoresOf(backward, ofScores),
      scoresOf(backward, ofWeights),
      weighPanel(backward, index, first),
    );
  return seq(
    k.f.for({ from: local.panel.get, to: local.panelEnd.get }, perPanel),
    addGradients(backward),
  );
}

/** What the block gives to dv, dk and dq. */
function addGradients(backward: Backward): Code {
  const { geometry, buffers, groups, local } = backward;
  const { size, values } = geometry;
  const tileRow = i32.add(local.queryRows.get, local.query.get);
  const keyRow = i32.add(local.keyRows.get, local.key.get);
  const rowAt = (base: Local, row: Code, elements: number) =>
    i32.add(base.get, i32.mul(row, i32.const(4 * elements)));
  const perKey = { rows: groups.keysApart, from: local.key, to: local.keyEnd, rowLines: apartRows };
  const depth = i32.sub(local.queryEnd.get, local.query.get);
  const overQueries = { ...perKey, aRowBytes: keyBytes, aDepthBytes: 4, depth };
  return seq(
    addProduct(backward, {
      ...{ ...overQueries, columns: groups.values, width: values, a: local.weights },
      b: rowAt(buffers.flow, tileRow, values),
      c: rowAt(buffers.dv, keyRow, values),
    }),
    addProduct(backward, {
      ...{ ...overQueries, columns: groups.size, width: size, a: local.scores },
      b: rowAt(buffers.q, tileRow, size),
      c: rowAt(buffers.dk, keyRow, size),
    }),
    addProduct(backward, {
      ...{ rows: groups.queries, from: local.query, to: local.queryEnd, rowLines: tileRows },
      ...{ aRowBytes: 4, aDepthBytes: keyBytes, depth: i32.sub(local.keyEnd.get, local.key.get) },
      ...{ columns: groups.size, width: size, a: local.scores },
      b: rowAt(buffers.k, keyRow, size),
      c: rowAt(local.dq, local.query.get, size),
    }),
  );
}

interface Products {
  /** The panel of the tile. */
  readonly index: Local;
  /** Packed keys or values, and panels of queries. */
  readonly a: Local;
  readonly b: Local;
  readonly depth: number;
  readonly to: Local;
}

/** to[key, query] = sum_i a[key, i] b[i, query] for the keys that are worked on and one panel of queries. */
function scoresOf(backward: Backward, { index, a, b, depth, to }: Products): Code {
  const { k, registers, groups, local } = backward;
  const end = k.f.i32();
  const panelOf = (key: Code) => i32.divU(key, i32.const(tileRows));
  const target = i32.add(to.get, i32.mul(index.get, i32.const(panelBytes)));
  return seq(
    end.set(panelOf(i32.add(local.keyEnd.get, i32.const(tileRows - 1)))),
    multiplyPanels(k, registers, {
      ...{ groups: groups.keys, from: panelOf(local.key.get), to: end },
      a: (key) => {
        const line = i32.sub(key.get, local.keyFrom.get);
        return i32.add(a.get, i32.mul(line, i32.const(4 * depth)));
      },
      b: i32.add(b.get, i32.mul(index.get, i32.const(panelBytes * depth))),
      depth: i32.const(depth),
      c: (key) => i32.add(target, i32.mul(i32.sub(key.get, local.key.get), i32.const(keyBytes))),
      lineBytes: keyBytes,
    }),
  );
}

/** Products of queries and keys become weights, and what flows into these becomes the gradient of the products. */
function weighPanel(backward: Backward, index: Local, first: Local): Code {
  const { k, geometry, local, masking } = backward;
  const { causal } = geometry;
  const future = i32.gtS(local.keyEnd.get, first.get);
  const pass = (withFuture: boolean) => overKeys(backward, { index, withFuture });
  if (!causal) return pass(false);
  return masking.given ? pass(true) : when(future, pass(true), pass(false));

  function overKeys({ local: { weights, scores } }: Backward, how: Pass): Code {
    const { f } = k;
    const [weightAt, scoreAt, key] = [f.i32(), f.i32(), f.i32()];
    const start = i32.mul(index.get, i32.const(panelBytes));
    const turn = seq(
      ...halves.map((half) => weighLanes(backward, { ...how, half, key, weightAt, scoreAt })),
      weightAt.increase(keyBytes),
      scoreAt.increase(keyBytes),
      key.increase(1),
    );
    return seq(
      weightAt.set(i32.add(weights.get, start)),
      scoreAt.set(i32.add(scores.get, start)),
      key.set(local.key.get),
      f.while(i32.ltS(key.get, local.keyEnd.get), turn),
    );
  }
}

interface Pass {
  readonly index: Local;
  /** Whether keys may lie in the future of queries. */
  readonly withFuture: boolean;
}

interface WeighedLanes extends Pass {
  readonly half: number;
  readonly key: Local;
  readonly weightAt: Local;
  readonly scoreAt: Local;
}

function weighLanes({ k, geometry, masking, statistics }: Backward, lanes: WeighedLanes): Code {
  const { half, key, weightAt, scoreAt, withFuture } = lanes;
  const { f } = k;
  const [score, flow, covers] = [f.v128(), f.v128(), f.v128()];
  const scale = f32x4.const(geometry.scale);
  const [added, hides] = [masking.added({ key, half }), masking.hides({ key, half }, withFuture)];
  const product = v128.load(weightAt.get, 16 * half);
  return seq(
    score.set(added ? f32x4.add(product, added) : product),
    hides ? seq(covers.set(hides), score.set(v128.bitselect(hidden, score.get, covers.get))) : [],
    score.set(statistics.shifted(score.get, half)),
    exponential(k, score),
    score.set(statistics.weight(score.get, half)),
    v128.store(weightAt.get, score.get, 16 * half),
    flow.set(statistics.centred(v128.load(scoreAt.get, 16 * half), half)),
    flow.set(f32x4.mul(f32x4.mul(flow.get, score.get), scale)),
    hides ? flow.set(v128.andnot(flow.get, covers.get)) : [],
    v128.store(scoreAt.get, flow.get, 16 * half),
  );
}

interface AddedProduct extends Pick<TileShape, 'aRowBytes' | 'aDepthBytes'> {
  /** Panels of rows, of `rowLines` lines but the last; the first and the last row. */
  readonly rows: readonly PanelGroup[];
  readonly rowLines: number;
  readonly from: Local;
  readonly to: Local;
  readonly columns: readonly PanelGroup[];
  /** Elements of a row of b and c. */
  readonly width: number;
  readonly a: Local;
  /** Addresses of the first row of each. */
  readonly b: Code;
  readonly c: Code;
  readonly depth: Code;
}

/** c[row, column] += sum_i a[row, i] b[i, column] where b and c are rows of tensors. */
function addProduct({ k, registers }: Backward, product: AddedProduct): Code {
  const { f } = k;
  const { rows, rowLines, from, to, columns, width, aRowBytes, aDepthBytes } = product;
  const [firstB, firstC, depth, all, last] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const rowBytes = 4 * width;
  const output = {
    rowAddress: (row: Local) =>
      i32.add(firstC.get, i32.mul(i32.sub(row.get, from.get), i32.const(rowBytes))),
    ...{ rowBytes, accumulate: true },
  };
  const firstPanel = i32.divU(from.get, i32.const(rowLines));
  const tile = (row: Local, lines: number, column: Local, count: number) =>
    storedTile(k, output, {
      ...{ registers, row, column, depth: depth.get },
      shape: {
        ...{ rows: lines, columns: count, aRowBytes, aDepthBytes },
        ...{ bDepthBytes: rowBytes, packed: aRowBytes === 4 && count === tileColumns },
      },
      a: i32.add(product.a.get, i32.mul(i32.sub(row.get, from.get), i32.const(aRowBytes))),
      b: i32.add(firstB.get, i32.shl(column.get, i32.const(2))),
    });
  return seq(
    firstB.set(product.b),
    firstC.set(product.c),
    depth.set(product.depth),
    all.set(i32.const(panelCount(columns))),
    last.set(i32.divU(i32.add(to.get, i32.const(rowLines - 1)), i32.const(rowLines))),
    forPanels(f, { groups: columns, from: i32.const(0), to: all }, (column, count) =>
      forPanels(f, { groups: rows, from: firstPanel, to: last }, (row, lines) =>
        tile(row, lines, column, count),
      ),
    ),
  );
}
