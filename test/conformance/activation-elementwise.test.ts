import { describeOps, opTable } from '@tenon/conformance';
import { js } from '@tenon/core';

describeOps('elementwise activations on js', opTable.elementwiseActivationCases, {
  device: () => js(),
});
