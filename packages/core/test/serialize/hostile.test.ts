import { decodeGraph, GraphError } from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { codeOf } from '../graph-error.js';
import { randomRuns } from '../random-runs.js';
import { hostileNodes } from './hostile-nodes.js';
import { hostileValues } from './hostile-values.js';
import { changed, first, real } from './real-graph.js';

describe('bytes that are no graph', () => {
  for (const { why, change, code = 'FORMAT_INVALID', says } of [
    ...hostileNodes,
    ...hostileValues,
  ]) {
    it(`are refused: ${why}`, () => {
      expect(() => decodeGraph(changed(change)))
        .to.throw(GraphError, says)
        .with.property('code', code);
    });
  }

  it('are accepted with fields of a newer writer that says older readers can pass over them', () => {
    const newer = changed((m) => {
      m.formatVersion = 9;
      first(m.nodes).$unknown = [{ no: 77, wireType: 0, data: Uint8Array.of(1) }];
    });
    expect([...decodeGraph(newer).inputs.keys()]).to.deep.equal(['x']);
  });

  it('are refused when cut short at any byte', () => {
    for (let length = 0; length < real.length; length++) {
      expect(
        codeOf(() => decodeGraph(real.subarray(0, length))),
        `${length} bytes`,
      ).to.be.oneOf(refusals);
    }
  });

  it('are refused or read when bytes are changed, never more', () => {
    const change = fc.record({
      at: fc.nat({ max: real.length - 1 }),
      byte: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 7, 64),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = real.slice();
        for (const { at, byte } of changes) bytes[at] = byte;
        expect(codeOf(() => decodeGraph(bytes))).to.be.oneOf([undefined, ...refusals]);
      }),
      randomRuns(1500),
    );
  });

  it('are refused when they are noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(codeOf(() => decodeGraph(bytes))).to.equal('FORMAT_INVALID');
      }),
      randomRuns(1000),
    );
  });
});

const refusals = [
  'FORMAT_INVALID',
  'NAME_UNKNOWN',
  'SHAPE_INVALID',
  'SHAPE_MISMATCH',
  'SHAPE_UNKNOWN',
] as const;
