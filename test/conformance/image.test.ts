import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('image on js', opTable.imageCases, { device: () => js() });
