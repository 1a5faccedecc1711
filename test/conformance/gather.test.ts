import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('gather on js', opTable.gatherCases, { device: () => js() });
