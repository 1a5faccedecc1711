import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('segment on js', opTable.segmentCases, { device: () => js() });
