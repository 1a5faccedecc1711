import { wasm } from '@tenon/wasm';

/** The devices of a replica in the benchmarks. */
export const devices = () => [wasm({ threads: 1 })];
