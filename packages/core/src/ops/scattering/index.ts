export { scatterND } from './scatter-nd.js';
export { scatterAdd, scatterRows, scatterSet } from './scatter-rows.js';
export { scatterSetAdjoint } from './scatter-set-adjoint.js';
export { tensorScatter, tensorScatterAdd, tensorScatterUpdate } from './tensor-scatter.js';
