import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('checks on js', opTable.checksCases, { device: () => js() });
