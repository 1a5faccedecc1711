import { constantOp } from '../graph/constant.js';
import type { OpInfo } from '../graph/op.js';
import { paramOp } from '../graph/region.js';
import { variableOp } from '../graph/variable.js';
import * as families from './index.js';

const isOp = (value: unknown): boolean => typeof value === 'function' && 'definition' in value;

/** Every op of the library: what a parser of graphs knows, what the conformance suite covers. */
export const allOps: readonly OpInfo[] = [constantOp, paramOp, variableOp, ...(Object.values(families) as readonly unknown[]).filter(isOp) as OpInfo[]];
