import type { Logs, TrainingParams } from '../training/events.js';
import type { Callback } from './callback.js';

export interface ProgressOptions {
  /** 1 a bar, 2 one line for each epoch; `auto` is 1 in a terminal. */
  readonly verbose?: 1 | 2 | 'auto';
  /** Where lines go; standard error, or the console in a browser. */
  readonly write?: (text: string) => void;
}

const barWidth = 20;
// A terminal that is written to more often than this, in milliseconds, only gets slower.
const redrawEvery = 60;

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const terminal = (): Terminal | undefined =>
  (globalThis as { process?: { stderr?: Terminal } }).process?.stderr;

/** Shows `Epoch 1/5`, then `12/469 ━━━━━━━━━━━━━━━━━━━━ 3s 5ms/step - accuracy: 0.9100 - loss: 0.2800`. */
export class ProgressBar implements Callback {
  private readonly bar: boolean;
  private readonly write: (text: string) => void;
  private params: TrainingParams | undefined;
  private start = 0;
  private drawn = 0;
  private steps = 0;
  private width = 0;

  constructor({ verbose = 'auto', write }: ProgressOptions = {}) {
    const out = terminal();
    this.bar = verbose === 1 || (verbose === 'auto' && out?.isTTY === true);
    this.write =
      write ??
      (out ? (text) => void out.write(text) : (text) => console.log(text.replace(/^\r|\n$/g, '')));
  }

  onTrainBegin(params: TrainingParams): void {
    this.params = params;
  }

  onEpochBegin(epoch: number): void {
    this.write(`Epoch ${epoch + 1}/${this.params?.epochs}\n`);
    this.start = performance.now();
    this.steps = 0;
    this.width = 0;
  }

  onProgress(batch: number, logs: () => Logs): void {
    this.steps = batch + 1;
    if (!this.bar || performance.now() - this.drawn < redrawEvery) return;
    this.drawn = performance.now();
    this.draw(logs(), false);
  }

  onEpochEnd(_epoch: number, logs: Logs): void {
    this.draw(logs, true);
  }

  private draw(logs: Logs, done: boolean): void {
    const seconds = (performance.now() - this.start) / 1000;
    const total = this.params?.steps ?? (done ? this.steps : null);
    const count = total === null ? `${this.steps}/?` : `${this.steps}/${total}`;
    const filled = total === null ? 0 : Math.round((this.steps / Math.max(1, total)) * barWidth);
    const bar = `${'━'.repeat(filled)}${'─'.repeat(barWidth - filled)}`;
    const each = timeOf(seconds / Math.max(1, this.steps));
    const left = total === null ? 0 : (seconds / Math.max(1, this.steps)) * (total - this.steps);
    const values = Object.entries(logs)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, value]) => ` - ${name}: ${formatLog(value)}`);
    const line = `${count} ${bar} ${Math.round(done ? seconds : left)}s ${each}/step${values.join('')}`;
    this.write(`${this.bar ? '\r' : ''}${line.padEnd(this.width)}${done ? '\n' : ''}`);
    this.width = line.length;
  }
}

function timeOf(seconds: number): string {
  if (seconds >= 1) return `${Math.round(seconds)}s`;
  return seconds >= 1e-3 ? `${Math.round(seconds * 1e3)}ms` : `${Math.round(seconds * 1e6)}us`;
}

/** Four digits after the point; tiny and huge numbers in powers of ten. */
const formatLog = (value: number): string =>
  value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5)
    ? value.toFixed(4)
    : value.toExponential(4);
