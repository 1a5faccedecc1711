import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('scattering on js', opTable.scatteringCases, { device: () => js() });
