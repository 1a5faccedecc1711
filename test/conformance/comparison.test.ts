import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('comparison on js', opTable.comparisonCases, { device: () => js() });
