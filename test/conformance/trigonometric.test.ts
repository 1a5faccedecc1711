import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('trigonometric on js', opTable.trigonometricCases, { device: () => js() });
