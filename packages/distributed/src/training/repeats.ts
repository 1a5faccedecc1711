/** The first repetition waits for as many retries, the next ones twice as long each. */
const patience = 16;

interface Sent {
  readonly key: string;
  readonly at: number;
  readonly wait: number;
}

/**
 * Says when a large message may be sent again that was not answered. An open channel loses nothing, so what is still on its way must not
 * be queued again and again behind itself.
 */
export class Repeats {
  private readonly firstWait: number;
  private readonly sent = new Map<number, Sent>();

  constructor(retryMs: number) {
    this.firstWait = patience * retryMs;
  }

  /** Whether a message that `key` names is to be sent to a receiver now; another key is at once. */
  due(receiver: number, key: string, now: number): boolean {
    const last = this.sent.get(receiver);
    const again = last?.key === key;
    if (again && now - last.at < last.wait) return false;
    this.sent.set(receiver, { key, at: now, wait: again ? 2 * last.wait : this.firstWait });
    return true;
  }

  /** What was sent has been lost, or was refused for now. */
  forget(receiver: number): void {
    this.sent.delete(receiver);
  }
}
