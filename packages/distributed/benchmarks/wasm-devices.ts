import type { Device } from '@tenon/core';
import { wasm } from '@tenon/wasm';

/** The device of each task of a benchmark; the tasks share the cores of one machine. */
export const devices = (): Device[] => [wasm({ threads: 2 })];
