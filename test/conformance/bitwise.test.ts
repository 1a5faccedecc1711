import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('bitwise on js', opTable.bitwiseCases, { device: () => js() });
