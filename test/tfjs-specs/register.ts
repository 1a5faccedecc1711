import type { Device } from '@tenon/core';
import { type NamedAttrMap, registerBackend, registerKernel } from '@tensorflow/tfjs-core';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import { answer } from './answer.js';
import { TenonBackend } from './backend.js';
import { complexNames } from './kernels/complex.js';
import { kernels } from './kernels/index.js';

/** Makes a device what the specs run on. */
export function registerTenon(device: Device): void {
  registerBackend('tenon', () => new TenonBackend(device));
  for (const kernelName of new Set([...Object.keys(kernels), ...complexNames])) {
    registerKernel({
      kernelName,
      backendName: 'tenon',
      kernelFunc: ({ inputs, backend, attrs }) =>
        answer(kernelName, {
          backend: backend as TenonBackend,
          inputs,
          attrs: attrs as NamedAttrMap,
        }),
    });
  }
  setTestEnvs([{ name: 'tenon', backendName: 'tenon', isDataSync: true }]);
}
