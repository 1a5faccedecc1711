import type { Span } from '../protocol/gen/distributed_pb.js';

/** Events as `chrome://tracing` and Perfetto read them; times in microseconds. */
export interface ChromeTrace {
  readonly traceEvents: readonly Readonly<Record<string, unknown>>[];
  readonly displayTimeUnit: 'ms';
}

/** Spans of all processes as one trace: a process for each task, a lane for each device and one for its waits. */
export function chromeTrace(spans: readonly Span[]): ChromeTrace {
  const lanes = [...new Set(spans.map(laneOf))].sort();
  const tasks = [...new Set(lanes.map(taskOf))];
  const names = [
    ...tasks.map((name, pid) => ({ ph: 'M', name: 'process_name', pid, args: { name } })),
    ...lanes.map((lane, tid) => ({
      ph: 'M',
      name: 'thread_name',
      pid: tasks.indexOf(taskOf(lane)),
      tid,
      args: { name: lane.slice(taskOf(lane).length + 1) },
    })),
  ];
  const events = spans.map((span) => ({
    ph: 'X',
    name: span.name,
    pid: tasks.indexOf(taskOf(laneOf(span))),
    tid: lanes.indexOf(laneOf(span)),
    ts: 1000 * span.start,
    dur: 1000 * span.duration,
    args: { step: span.step },
  }));
  return { traceEvents: [...names, ...events], displayTimeUnit: 'ms' };
}

const laneOf = ({ name, device }: Span): string =>
  name.startsWith('receive ') ? `${device} waits` : device;

const taskOf = (lane: string): string => lane.slice(0, lane.indexOf('/device:'));
