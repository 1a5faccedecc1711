import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('attention on js', opTable.attentionCases, { device: () => js() });
