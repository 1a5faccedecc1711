export { BackupAndRestore, backupAndRestore, type Recovered } from './backup-and-restore.js';
export { EarlyStopping, earlyStopping } from './early-stopping.js';
export { lambdaCallback } from './lambda.js';
export {
  LearningRateScheduler,
  learningRateScheduler,
  type Schedule,
} from './learning-rate-scheduler.js';
export { ProgressBar, type ProgressOptions } from './progress-bar.js';
