import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('shape on js', opTable.shapeCases, { device: () => js() });
