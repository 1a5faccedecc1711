import { wasm } from '@tenon/wasm';

/** The devices of one of several processes on a machine: threads would only take each other's cores. */
export const devices = () => [wasm({ threads: 1 })];
