import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('linear on js', opTable.linearCases, { device: () => js() });
