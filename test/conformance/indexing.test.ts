import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('indexing on js', opTable.indexingCases, { device: () => js() });
