import type { Device, Executable, RunContext } from '../../devices/device.js';
import { dtypes } from '../../graph/dtype.js';
import { HostTensor } from '../../graph/host-tensor.js';
import { sizeOf } from '../../graph/shape.js';
import type { Program, Value } from '../../lower/program.js';
import { Rendezvous } from '../../runtime/rendezvous.js';

export interface Measuring {
  /** Milliseconds after which no further run begins; at least three are made. */
  readonly milliseconds: number;
}

/** The median time of a program without variables on a synchronous device, over inputs of zeros, after one run that is not counted. */
export function medianSeconds(
  device: Device,
  program: Program,
  { milliseconds }: Measuring,
): number {
  const executable = device.compile(program, []);
  try {
    // Memory that was never written is not there: reading it would be too fast.
    program.inputs.forEach((value, index) => {
      const { dtype, shape } = program.values[value] as Value;
      executable.write(index, new HostTensor(new dtypes[dtype].host(sizeOf(shape)), shape, dtype));
    });
    return median(timesOf(executable, milliseconds));
  } finally {
    executable.free();
  }
}

function timesOf(executable: Executable, milliseconds: number): number[] {
  const context: RunContext = { seed: [1, 0], step: 0, rendezvous: new Rendezvous() };
  void executable.run(context);
  const times: number[] = [];
  const end = performance.now() + milliseconds;
  while (times.length < 3 || performance.now() < end) {
    const start = performance.now();
    void executable.run(context);
    times.push((performance.now() - start) / 1000);
  }
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return ((low as number) + (high as number)) / 2;
}
