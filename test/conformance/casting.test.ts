import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('casting on js', opTable.castingCases, { device: () => js() });
