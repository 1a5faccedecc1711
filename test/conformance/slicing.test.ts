import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('slicing on js', opTable.slicingCases, { device: () => js() });
