import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('counting on js', opTable.countingCases, { device: () => js() });
