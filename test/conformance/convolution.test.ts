import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('convolution on js', opTable.convolutionCases, { device: () => js() });
