import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('creation on js', opTable.creationCases, { device: () => js() });
