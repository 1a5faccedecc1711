import { matMul, placeholder, Session, scan, type Tensor, tanh } from '@tenon/core';
import { expect } from 'chai';
import type { Func } from '../../src/graph/func.js';
import { topologicalOrder } from '../../src/graph/rewrite.js';
import type { Node } from '../../src/graph/tensor.js';
import { runPasses } from '../../src/passes/index.js';
import { specialise } from '../../src/passes/specialise.js';

const nodesOf = (tensors: readonly Tensor[]): Node[] =>
  topologicalOrder(tensors.map(({ node }) => node));

const transposed = (nodes: readonly Node[]) =>
  nodes.filter(({ op, attrs }) => op.name === 'matMul' && attrs.transposeB).length;

const transposes = (nodes: readonly Node[]) =>
  nodes.filter(({ op }) => op.name === 'transpose').length;

/** Two layers, one of them with weights that are made from the state. */
function net() {
  const h = placeholder({ shape: [2, 3] });
  const w = placeholder({ shape: [3, 3] });
  const { carry } = scan(
    ([state]) => {
      const next = tanh(matMul(state as Tensor, w, { transposeB: true }));
      const gram = matMul(next, next, { transposeB: true });
      return { carry: [tanh(matMul(gram, next))], outputs: [] };
    },
    { initial: [h], length: 3 },
  );
  return { h, w, last: carry[0] as Tensor };
}

describe('operands that are the same at every turn', () => {
  it('are transposed once, before the loop, and others not', () => {
    const { results } = runPasses(specialise([net().last], new Map()), true);
    const around = nodesOf(results);
    const [loop] = around.filter(({ op }) => op.name === 'scan') as [Node];
    const body = nodesOf((loop.attrs.body as Func).results);
    expect([transposes(around), transposes(body)]).to.deep.equal([1, 0]);
    expect(transposed(body)).to.equal(1);
  });

  it('change no result', async () => {
    const { h, w, last } = net();
    const feeds = [
      [
        h,
        [
          [0.5, -1, 2],
          [0.1, 0.2, -0.3],
        ],
      ],
      [
        w,
        [
          [1, 2, 3],
          [-1, 0.5, 0.25],
          [0, 1, -2],
        ],
      ],
    ] as const;
    const [plain, optimised] = await Promise.all(
      [false, true].map((optimise) => new Session({ optimise }).run(last, { feeds })),
    );
    expect(optimised?.data).to.deep.equal(plain?.data);
  });
});
