import { wasm } from '@tenon/wasm';

/** What a replica of the tests computes on. */
export const devices = () => [wasm({ threads: 1 })];
