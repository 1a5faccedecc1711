import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('sorting on js', opTable.sortingCases, { device: () => js() });
