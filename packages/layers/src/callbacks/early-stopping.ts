import { GraphError, type HostTensor, parseOptions } from '@tenon/core';
import { z } from 'zod';
import type { Model } from '../model/model.js';
import type { Logs, TrainingParams } from '../training/events.js';
import type { Callback } from './callback.js';

const earlyStoppingConfig = z.strictObject({
  /** Which log to watch. */
  monitor: z.string().default('val_loss'),
  /** A smaller change does not count as better. */
  minDelta: z.number().min(0).default(0),
  /** Epochs without getting better before training stops. */
  patience: z.int().min(0).default(0),
  /** `auto`: the larger the better for accuracies, else the smaller. */
  mode: z.enum(['auto', 'min', 'max']).default('auto'),
  /** Stop too when this value is not reached. */
  baseline: z.number().optional(),
  restoreBestWeights: z.boolean().default(false),
  /** Epochs before watching begins. */
  startFromEpoch: z.int().min(0).default(0),
});

/** Stops training when a log has not become better for a while, and can put the best weights back. */
export class EarlyStopping implements Callback {
  /** Epoch at which training was stopped, or undefined. */
  stoppedEpoch: number | undefined;
  bestEpoch = 0;
  private readonly config: z.output<typeof earlyStoppingConfig>;
  private model: Model | undefined;
  private best: number | undefined;
  private bestWeights: HostTensor[] | undefined;
  private wait = 0;
  private validationFreq: number | null = null;

  constructor(config: z.input<typeof earlyStoppingConfig> = {}) {
    this.config = parseOptions('earlyStopping', earlyStoppingConfig, config);
  }

  setModel(model: Model): void {
    this.model = model;
  }

  onTrainBegin({ validationFreq }: TrainingParams): void {
    this.validationFreq = validationFreq;
    this.wait = 0;
    this.best = undefined;
    this.bestWeights = undefined;
    this.stoppedEpoch = undefined;
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const { patience, restoreBestWeights, startFromEpoch, baseline } = this.config;
    if (epoch < startFromEpoch) return;
    const value = this.watched(epoch, logs);
    if (value === undefined) return;
    const model = this.model as Model;
    // NaN is worse than every number, so it is never kept as the best.
    if (this.best === undefined || Number.isNaN(this.best) || this.improves(value, this.best)) {
      this.best = value;
      this.bestEpoch = epoch;
      if (restoreBestWeights) this.bestWeights = await model.getWeights();
      if (baseline === undefined || this.improves(value, baseline)) this.wait = 0;
      else this.wait++;
    } else {
      this.wait++;
    }
    if (this.wait < Math.max(1, patience)) return;
    this.stoppedEpoch = epoch;
    model.stopTraining = true;
  }

  async onTrainEnd(): Promise<void> {
    if (this.bestWeights) await this.model?.setWeights(this.bestWeights);
  }

  /** Undefined after epochs that do not validate. */
  private watched(epoch: number, logs: Logs): number | undefined {
    const { monitor } = this.config;
    const value = logs[monitor];
    if (value !== undefined) return value;
    const freq = this.validationFreq;
    if (monitor.startsWith('val_') && freq !== null && (epoch + 1) % freq !== 0) return undefined;
    throw new GraphError('NAME_UNKNOWN', 'earlyStopping', {
      what: `there is no log ${monitor}.`,
      fix: `logs: ${Object.keys(logs).join(', ')}; val_ ones need validationData or validationSplit.`,
    });
  }

  private improves(value: number, than: number): boolean {
    const { mode, monitor, minDelta } = this.config;
    const larger =
      mode === 'max' || (mode === 'auto' && /acc|auc|precision|recall|f1/.test(monitor));
    return larger ? value - minDelta > than : value + minDelta < than;
  }
}

/** Stops training when a log has not become better for a while. */
export const earlyStopping = (config: z.input<typeof earlyStoppingConfig> = {}): EarlyStopping =>
  new EarlyStopping(config);
