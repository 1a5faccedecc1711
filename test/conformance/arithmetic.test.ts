import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('arithmetic on js', opTable.arithmeticCases, { device: () => js() });
