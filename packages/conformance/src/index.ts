export { type Application, applied, derivative } from './application.js';
export { coveredOps } from './covered-ops.js';
export { type Conditions, describeOps } from './describe-ops.js';
export { drawInputs, dtypesOf, inputDType } from './inputs.js';
export type { Domain, ExactCase, OpCase, RejectedCase } from './op-case.js';
/** The op table: one list of rows for each family. */
export * as opTable from './ops/index.js';
export { seededRandom } from './random.js';
export { buildRandomGraph, type RandomGraph, randomSteps, type Step } from './random-graph.js';
