import type { Device } from '../../devices/device.js';
import type { Node } from '../../graph/tensor.js';
import type { Program } from '../../lower/program.js';
import type { AutomaticPlacement } from '../automatic.js';
import { type Measuring, medianSeconds } from './median-seconds.js';
import type { Profile } from './profile.js';
import { programOf } from './task-cost.js';

/**
 * Runs each task of a placement alone on each of its devices and notes the medians; what the profile knows is not measured again.
 * Left out are functions on the host, which have effects, loops whose length depends on values, and devices that must be waited for.
 */
export function measureTasks(
  { tasks, costs }: AutomaticPlacement,
  devices: readonly Device[],
  { profile, milliseconds }: Measuring & { readonly profile: Profile },
): void {
  for (const device of devices) {
    if (!device.synchronous) continue;
    costs.forEach(({ key, inputs, outputs }, i) => {
      const { nodes } = tasks[i] as { nodes: readonly Node[] };
      if (profile.get(device.kind, key) !== undefined) return;
      if (nodes.some((node) => device.supports?.(node) === false)) return;
      const program = programOf(nodes, { inputs, outputs }, device);
      if (program.instructions.length === 0 || !isMeasurable(program)) return;
      profile.set(device.kind, key, medianSeconds(device, program, { milliseconds }));
    });
  }
}

const isMeasurable = ({ instructions }: Program): boolean =>
  instructions.every((instruction) => {
    if (instruction.kind === 'host') return false;
    if (instruction.kind !== 'region') return true;
    return instruction.region.region !== 'while' && instruction.programs.every(isMeasurable);
  });
