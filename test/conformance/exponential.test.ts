import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('exponential on js', opTable.exponentialCases, { device: () => js() });
