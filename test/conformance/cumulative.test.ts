import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('cumulative on js', opTable.cumulativeCases, { device: () => js() });
