import type { TaskLink, TrainingTask } from './task-link.js';

/** The replicas of one training by their numbers. They may come and go; a number is never used twice. */
export class Replicas {
  private readonly open: (task: TrainingTask, worker: number) => TaskLink;
  private readonly links = new Map<number, TaskLink>();
  private next = 0;

  constructor(open: (task: TrainingTask, worker: number) => TaskLink) {
    this.open = open;
  }

  get count(): number {
    return this.links.size;
  }

  get all(): readonly TaskLink[] {
    return [...this.links.values()];
  }

  entries(): IterableIterator<[worker: number, link: TaskLink]> {
    return this.links.entries();
  }

  link(worker: number): TaskLink | undefined {
    return this.links.get(worker);
  }

  numberOf(link: TaskLink): number | undefined {
    return [...this.links].find(([, own]) => own === link)?.[0];
  }

  /** These tasks, and no others, take part from now on; `leaves` hears of each that does not any more before it is closed. */
  follow(tasks: readonly TrainingTask[], leaves: (link: TaskLink) => void = () => {}): void {
    const keyOf = ({ name, address }: TrainingTask) => `${name} ${address}`;
    const wanted = new Map(tasks.map((task) => [keyOf(task), task]));
    for (const [worker, link] of this.links) {
      if (wanted.delete(keyOf(link.task))) continue;
      leaves(link);
      link.close();
      this.links.delete(worker);
    }
    for (const task of wanted.values()) {
      const worker = this.next++;
      this.links.set(worker, this.open(task, worker));
    }
  }

  close(): void {
    for (const link of this.links.values()) link.close();
  }
}
