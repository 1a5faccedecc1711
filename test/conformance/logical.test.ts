import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('logical on js', opTable.logicalCases, { device: () => js() });
