import { gradientOf } from '../autodiff/gradients.js';
import { constantOp } from '../graph/constant.js';
import { isOp, type OpInfo } from '../graph/op.js';
import { paramOp } from '../graph/region.js';
import { variableOp } from '../graph/variable.js';
import * as families from './index.js';

/** Every op of the library: what a parser of graphs knows, what the conformance suite covers. */
export const allOps: readonly OpInfo[] = [
  constantOp,
  paramOp,
  variableOp,
  gradientOf,
  ...Object.values<unknown>(families).filter(isOp),
];
