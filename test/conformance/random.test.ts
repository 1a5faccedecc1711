import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('random on js', opTable.randomCases, { device: () => js() });
