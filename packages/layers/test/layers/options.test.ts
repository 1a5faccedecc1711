import { type ErrorCode, GraphError, placeholder, type Shape } from '@tenon/core';
import { expect } from 'chai';
import * as layers from '../../src/layers-namespace.js';
import { layerClass } from '../../src/registry.js';

function refused(call: () => unknown): GraphError {
  try {
    call();
  } catch (error) {
    if (error instanceof GraphError) return error;
    throw error;
  }
  throw new Error('the call was expected to fail');
}

const tensor = (...shape: Shape) => placeholder({ shape });

interface Refusal {
  readonly what: string;
  readonly call: () => unknown;
  readonly code: ErrorCode;
  readonly says: RegExp;
}

const refusals: readonly Refusal[] = [
  {
    what: 'a misspelt option, with the nearest',
    call: () => layers.dense({ units: 3, useBais: true } as never),
    code: 'ATTRIBUTE_INVALID',
    says: /^Dense: there is no option useBais; did you mean useBias\?/,
  },
  {
    what: 'a misspelt option that is required, with the nearest',
    call: () => layers.conv2d({ filtres: 3, kernelSize: 3 } as never),
    code: 'ATTRIBUTE_INVALID',
    says: /did you mean filters\?/,
  },
  {
    what: 'an unknown activation, with the nearest',
    call: () => layers.lstm({ units: 3, recurrentActivation: 'sigmoit' }),
    code: 'NAME_UNKNOWN',
    says: /^LSTM: activation: there is no activation "sigmoit"; did you mean "sigmoid"\?/,
  },
  {
    what: 'an unknown initializer, with the nearest',
    call: () => layers.dense({ units: 3, kernelInitializer: 'glorotUnifrom' }),
    code: 'NAME_UNKNOWN',
    says: /^Dense: initializer: .*did you mean "glorotUniform"\?/,
  },
  {
    what: 'an unknown layer class, with the nearest',
    call: () => layerClass('Conv2d'),
    code: 'NAME_UNKNOWN',
    says: /did you mean "Conv2D"\?/,
  },
  {
    what: 'options that are not built',
    call: () => layers.embedding({ inputDim: 3, outputDim: 2, maskZero: true } as never),
    code: 'ATTRIBUTE_INVALID',
    says: /there is no option maskZero/,
  },
  {
    what: 'a rate of 1',
    call: () => layers.dropout({ rate: 1 }),
    code: 'ATTRIBUTE_INVALID',
    says: /^Dropout: rate: /,
  },
  {
    what: 'groups that do not divide the channels',
    call: () =>
      layers.conv2d({ filters: 4, kernelSize: 1, groups: 2 }).apply(tensor(null, 5, 5, 3)),
    code: 'SHAPE_MISMATCH',
    says: /2 groups do not divide 3 input channels/,
  },
  {
    what: 'images without a batch',
    call: () => layers.conv2d({ filters: 4, kernelSize: 1 }).apply(tensor(5, 5, 3)),
    code: 'SHAPE_MISMATCH',
    says: /^conv2d\/Conv2D: it takes tensors of rank 4/,
  },
  {
    what: 'unknown channels',
    call: () => layers.conv2d({ filters: 4, kernelSize: 1 }).apply(tensor(null, 5, 5, null)),
    code: 'SHAPE_UNKNOWN',
    says: /the last size of \[\?, 5, 5, \?\] must be known/,
  },
  {
    what: 'a shape that the elements do not fill',
    call: () => layers.reshape({ targetShape: [4, -1] }).apply(tensor(null, 3, 2)),
    code: 'SHAPE_MISMATCH',
    says: /6 elements do not fill \[4,-1\]/,
  },
  {
    what: 'two sizes to work out',
    call: () => layers.reshape({ targetShape: [-1, -1] }),
    code: 'ATTRIBUTE_INVALID',
    says: /only one size may be -1/,
  },
  {
    what: 'to flatten where neither batch nor sizes are known',
    call: () => layers.flatten().apply(tensor(null, null, 2)),
    code: 'SHAPE_UNKNOWN',
    says: /batch and another size are unknown/,
  },
  {
    what: 'to add one tensor',
    call: () => layers.add().apply(tensor(null, 2)),
    code: 'SHAPE_MISMATCH',
    says: /layer\.apply\(\[a, b\]\)/,
  },
  {
    what: 'to subtract three tensors',
    call: () => layers.subtract().apply([tensor(null, 2), tensor(null, 2), tensor(null, 2)]),
    code: 'SHAPE_MISMATCH',
    says: /there are 3 tensors/,
  },
  {
    what: 'a dot product over the batch',
    call: () => layers.dot({ axes: 0 }).apply([tensor(null, 2), tensor(null, 2)]),
    code: 'ATTRIBUTE_INVALID',
    says: /axis 0 is the batch/,
  },
  {
    what: 'half of a state',
    call: () => layers.lstm({ units: 2 }).apply([tensor(null, 3, 2), tensor(null, 2)]),
    code: 'SHAPE_MISMATCH',
    says: /the state is 2 tensor\(s\), but 1 were given/,
  },
  {
    what: 'sequences without features',
    call: () => layers.gru({ units: 2 }).apply(tensor(null, 3)),
    code: 'SHAPE_MISMATCH',
    says: /\[batch, time, features\]/,
  },
];

describe('layers refuse', () => {
  for (const { what, call, code, says } of refusals) {
    it(what, () => {
      const error = refused(call);
      expect(error.code, error.message).to.equal(code);
      expect(error.message).to.match(says);
    });
  }
});
