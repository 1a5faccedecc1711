import { BroadcastChannel, workerData } from 'node:worker_threads';
import type { Device } from '@tenon/core';
import { GatedDevice } from '../gated-device.js';

const name = 'tenon-test-gates';

/** A device in each thread, of which that of task 1 has a gate where runs wait while it is shut; `fail` ends all threads with an error. */
export function devices(): Device[] {
  const device = new GatedDevice();
  const { task } = (workerData as { settings: { task: number } }).settings;
  const channel = new BroadcastChannel(name);
  channel.onmessage = (message) => {
    const { data } = message as { data: unknown };
    if (data === 'open') device.open();
    else if (data === 'shut' && task === 1) {
      device.shut();
      void device.arrived.then(() => channel.postMessage('arrived'));
      channel.postMessage('is shut');
    } else if (data === 'fail') throw new Error('the thread has lost its way');
  };
  return [device];
}

/** Speaks to such threads. */
export class Gates {
  private readonly channel = new BroadcastChannel(name);
  private readonly heard: string[] = [];
  private hear: () => void = () => {};

  constructor() {
    this.channel.onmessage = (message) => {
      this.heard.push((message as { data: string }).data);
      this.hear();
    };
  }

  /** Gives what settles when a run waits. */
  async shut(): Promise<{ readonly arrived: Promise<void> }> {
    this.heard.length = 0;
    this.channel.postMessage('shut');
    await this.until(() => this.heard.includes('is shut'));
    return { arrived: this.until(() => this.heard.includes('arrived')) };
  }

  open(): void {
    this.channel.postMessage('open');
  }

  fail(): void {
    this.channel.postMessage('fail');
  }

  close(): void {
    this.channel.close();
  }

  private async until(heard: () => boolean): Promise<void> {
    while (!heard())
      await new Promise<void>((resolve) => {
        this.hear = resolve;
      });
  }
}
