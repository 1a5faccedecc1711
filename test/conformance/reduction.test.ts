import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('reduction on js', opTable.reductionCases, { device: () => js() });
