import { workerLine } from './control.js';
import { type StartedWorker, startWorker, type WorkerMessage } from './start-worker.js';

/** A worker as the calling thread sees it: messages for what takes time, and its line of the control block for calls. */
export class PoolWorker {
  private readonly words: Int32Array;
  private readonly line: number;
  private readonly started: StartedWorker;
  private posted = 0;
  private ended = false;

  /** `line` is the address of its line. */
  constructor(words: Int32Array, line: number) {
    this.words = words;
    this.line = line;
    this.started = startWorker(() => {
      this.ended = true;
    });
  }

  /** Whether it has taken all its messages, so that calls reach it. */
  get ready(): boolean {
    return !this.ended && Atomics.load(this.words, this.at('taken')) === this.posted;
  }

  post(message: WorkerMessage): void {
    this.started.post(message);
    Atomics.store(this.words, this.at('posted'), ++this.posted);
    this.wake();
  }

  /** Has it run the step that the control block names, as this thread of the run. */
  call(thread: number): void {
    this.words[this.at('thread')] = thread;
    Atomics.add(this.words, this.at('turn'), 1);
    this.wake();
  }

  end(): Promise<void> {
    this.ended = true;
    return this.started.end();
  }

  private wake(): void {
    const signal = this.at('signal');
    Atomics.add(this.words, signal, 1);
    if (Atomics.load(this.words, this.at('sleeping')) !== 0) Atomics.notify(this.words, signal);
  }

  private at(word: keyof typeof workerLine): number {
    return (this.line + workerLine[word]) / 4;
  }
}
