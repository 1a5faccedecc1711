export { EarlyStopping, earlyStopping } from './early-stopping.js';
export { lambdaCallback } from './lambda.js';
export { ProgressBar, type ProgressOptions } from './progress-bar.js';
