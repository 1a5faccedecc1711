import * as core from '@tenon/core';
import * as data from '@tenon/data';
import * as layers from '@tenon/layers';
import { expect } from 'chai';
import * as tn from 'tenon';

describe('tenon', () => {
  for (const [name, part] of Object.entries({ core, data, layers })) {
    it(`re-exports every name of @tenon/${name}, none shadowed by another package`, () => {
      expect(Object.keys(part)).to.not.eql([]);
      const lost = Object.entries(part).filter(([key, value]) => Reflect.get(tn, key) !== value);
      expect(lost.map(([key]) => key)).to.eql([]);
    });
  }
});
