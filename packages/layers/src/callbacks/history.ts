import type { Logs, TrainingParams } from '../training/events.js';
import type { History } from '../training/fit.js';
import type { Callback } from './callback.js';

/** Keeps the logs of every epoch. */
export class HistoryCallback implements Callback {
  private readonly epochs: number[] = [];
  private readonly values: Record<string, number[]> = {};
  private params: TrainingParams = {
    epochs: 0,
    steps: null,
    batchSize: null,
    samples: null,
    validationFreq: null,
  };

  onTrainBegin(params: TrainingParams): void {
    this.params = params;
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    this.epochs.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      this.values[name] ??= [];
      this.values[name].push(value);
    }
  }

  get result(): History {
    return { epoch: this.epochs, history: this.values, params: this.params };
  }
}
