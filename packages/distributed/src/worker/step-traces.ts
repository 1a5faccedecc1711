import type { RunGraphRequest, Span } from '../protocol/gen/distributed_pb.js';

const mostSpans = 4096;

/** When the latest steps ran on this worker. */
export class StepTraces {
  private spans: Omit<Span, '$typeName'>[] = [];

  /** Notes a step that begins; the function that it gives notes its end. */
  begin({ session, step }: RunGraphRequest, device: string): () => void {
    const start = performance.timeOrigin + performance.now();
    return () => {
      const duration = performance.timeOrigin + performance.now() - start;
      this.spans.push({ name: `step ${step} of ${session}`, device, start, duration });
      if (this.spans.length >= 2 * mostSpans) this.spans = this.spans.slice(-mostSpans);
    };
  }

  /** Those that began at a time or later, in milliseconds since 1970. */
  since(time: number): Omit<Span, '$typeName'>[] {
    return this.spans.slice(-mostSpans).filter(({ start }) => start >= time);
  }
}
