import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('rounding on js', opTable.roundingCases, { device: () => js() });
