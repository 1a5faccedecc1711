import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('normalisation on js', opTable.normalisationCases, { device: () => js() });
