import { js, setDefaultDevices } from '@tenon/core';

/**
 * Tests of sessions without devices run on the js device, whatever files the same process has loaded: whoever imports the umbrella
 * `tenon` makes WebAssembly the default.
 */
export const mochaHooks = {
  beforeAll(): void {
    setDefaultDevices(() => [js()]);
  },
};
