import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('pooling on js', opTable.poolingCases, { device: () => js() });
