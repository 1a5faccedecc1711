import { expect } from 'chai';
import fc from 'fast-check';
import { expandNodeList } from '../../../src/index.js';
import { thrown } from '../thrown.js';

const expand = (text: string) => expandNodeList(text, 'SLURM_JOB_NODELIST');

describe('expanding a Slurm node list', () => {
  // What `scontrol show hostnames` of Slurm 22.05 prints.
  const known: Readonly<Record<string, string>> = {
    login: 'login',
    'a,b': 'a b',
    'a[08-11]': 'a08 a09 a10 a11',
    'a[8-11]': 'a8 a9 a10 a11',
    'a[9-011]': 'a9 a10 a11',
    'a[001-3]': 'a001 a002 a003',
    'a[098-101]': 'a098 a099 a100 a101',
    'a[1-2]-x[1,3]': 'a1-x1 a1-x3 a2-x1 a2-x3',
    'a[1-2][01-02]': 'a101 a102 a201 a202',
    'a[1-2]x[1-2],c': 'a1x1 a1x2 a2x1 a2x2 c',
    'c7,a[1]': 'c7 a1',
    'n[1-3,5,007-008]': 'n1 n2 n3 n5 n007 n008',
  };
  for (const [text, hosts] of Object.entries(known)) {
    it(`${text} is ${hosts}`, () => expect(expand(text).join(' ')).to.equal(hosts));
  }

  const refused: readonly [text: string, what: string][] = [
    ['', '"" is not the name of a host.'],
    ['a,,b', '"" is not the name of a host.'],
    ['a b', '"a b" is not the name of a host.'],
    ['a[1', '"a[1": a bracket is not closed.'],
    ['a1]', '"a1]": "]" has no partner.'],
    ['a[[1]]', '"a[[1]]": "[" has no partner.'],
    ['a[]', '"" in [] is not an ascending range.'],
    ['a[1,]', '"" in [1,] is not an ascending range.'],
    ['a[3-1]', '"3-1" in [3-1] is not an ascending range.'],
    ['a[x-y]', '"x-y" in [x-y] is not an ascending range.'],
    ['a[1-99999999]', 'the list names 99999999 hosts or more; the most is 65536.'],
    ['a[1-999][1-999]', 'the list names 998001 hosts or more; the most is 65536.'],
    ['a[1-40000],b[1-40000]', 'the list names 80000 hosts or more; the most is 65536.'],
  ];
  for (const [text, what] of refused) {
    it(`refuses "${text}"`, () => {
      expect(thrown(() => expand(text))).to.equal(`CLUSTER_INVALID SLURM_JOB_NODELIST: ${what}`);
    });
  }

  const prefix = fc.stringMatching(/^[a-z]{1,4}(-[a-z]{1,3})?$/);
  const range = fc.record({
    first: fc.nat(120),
    more: fc.nat(6),
    width: fc.constantFrom(0, 2, 3, 4),
  });
  const bracket = fc.array(range, { minLength: 1, maxLength: 3 });
  const item = fc.record({ prefix, brackets: fc.array(bracket, { maxLength: 2 }) });

  const padded = (value: number, width: number) => String(value).padStart(width, '0');

  function written(ranges: readonly { first: number; more: number; width: number }[]): string {
    const texts = ranges.map(({ first, more, width }) =>
      more === 0 ? padded(first, width) : `${padded(first, width)}-${padded(first + more, width)}`,
    );
    return `[${texts.join(',')}]`;
  }

  function meant(ranges: readonly { first: number; more: number; width: number }[]): string[] {
    const numbers: string[] = [];
    for (const { first, more, width } of ranges) {
      for (let value = first; value <= first + more; value++) numbers.push(padded(value, width));
    }
    return numbers;
  }

  it('gives each item the product of its brackets', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 4 }), (items) => {
        const text = items.map((one) => one.prefix + one.brackets.map(written).join('')).join(',');
        const hosts: string[] = [];
        for (const one of items) {
          const [outer = [''], inner = ['']] = one.brackets.map(meant);
          for (const a of outer) for (const b of inner) hosts.push(one.prefix + a + b);
        }
        expect(expand(text)).to.deep.equal(hosts);
      }),
    );
  });

  it('either expands a text or refuses it with a code', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab0-3[\],-]{0,12}$/), (text) => {
        try {
          const hosts = expand(text);
          expect(hosts.every((host) => /^[\w.-]+$/.test(host))).to.equal(true);
        } catch (error) {
          expect((error as { code?: string }).code).to.equal('CLUSTER_INVALID');
        }
      }),
      { numRuns: 500 },
    );
  });
});
