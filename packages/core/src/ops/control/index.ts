export { condOp } from './branch.js';
export { callOp } from './call.js';
export { cond } from './cond.js';
export { type CustomGradientContext, customGradient, customGradientOp } from './custom-gradient.js';
export { recompute } from './recompute.js';
export { type ScanOptions, type ScanResult, type ScanTurn, scan } from './scan.js';
export { scanOp } from './scan-op.js';
export { stopGradient } from './stop-gradient.js';
export { type WhileLoopOptions, whileLoop, whileLoopOp } from './while-loop.js';
