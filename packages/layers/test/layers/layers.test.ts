import { expect } from 'chai';
import { layerClasses } from '../../src/registry.js';
import { basicCases } from './cases/basics.js';
import { imageCases } from './cases/images.js';
import { mergeCases } from './cases/merges.js';
import { recurrentCases } from './cases/recurrent.js';
import { describeLayers } from './describe-layers.js';

describeLayers('layers of one input', basicCases);
describeLayers('layers of images', imageCases);
describeLayers('layers of several inputs', mergeCases);
describeLayers('recurrent layers', recurrentCases);

it('every layer class has a row in the table of layers', () => {
  const rows = [...basicCases, ...imageCases, ...mergeCases, ...recurrentCases];
  const shown = new Set(rows.map(({ make }) => make({ dtype: 'float32' }).className));
  expect([...shown].sort()).to.deep.equal([...layerClasses.keys()].sort());
});
