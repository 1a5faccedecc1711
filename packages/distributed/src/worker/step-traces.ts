import type { Span } from '../protocol/gen/distributed_pb.js';

const mostSpans = 4096;

export type SpanName = Pick<Span, 'name' | 'device' | 'step' | 'session'>;

const now = (): number => performance.timeOrigin + performance.now();

/** What the latest steps did on this worker, and when. */
export class StepTraces {
  private spans: Omit<Span, '$typeName'>[] = [];

  /** Notes something that begins now; the function that it gives notes its end. */
  begin(what: SpanName): () => void {
    const start = now();
    return () => {
      this.spans.push({ ...what, start, duration: now() - start });
      if (this.spans.length >= 2 * mostSpans) this.spans = this.spans.slice(-mostSpans);
    };
  }

  /** What a session did since a time in milliseconds since 1970. */
  since(time: number, session: string): Omit<Span, '$typeName'>[] {
    return this.spans.filter((span) => span.start >= time && span.session === session);
  }
}
