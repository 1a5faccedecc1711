import type { Node, Tensor } from '../graph/tensor.js';
import {
  type AutomaticPlacement,
  type AutomaticRequest,
  placeByCost,
} from '../placement/automatic.js';
import { describedDevice } from '../placement/cost/placement-device.js';
import { place } from '../placement/place.js';
import type { CompileRequest } from './compile.js';

/** A run whose nodes have devices. */
export interface PlacedRun {
  readonly nodes: readonly Node[];
  readonly placement: ReadonlyMap<Node, string>;
  readonly defaultDevice: string;
  readonly automatic?: AutomaticPlacement;
}

/** Places the nodes of a run: by hints and the first device, or by the cost model where the session asks for it. */
export function placeRun(
  { devices, state, placement: options }: Pick<CompileRequest, 'devices' | 'state' | 'placement'>,
  run: Pick<AutomaticRequest, 'nodes' | 'inputs' | 'outputs' | 'updates'>,
): PlacedRun {
  const { nodes } = run;
  const names = devices.map(({ name }) => name);
  const [defaultDevice] = names as [string];
  if (devices[0]?.places)
    return { nodes, placement: new Map(nodes.map((node) => [node, defaultDevice])), defaultDevice };
  const constraints = {
    home: (variable: Tensor) => state.deviceOf(variable),
    supports: (node: Node, name: string) =>
      devices.find((device) => device.name === name)?.supports?.(node) ?? true,
    soft: options?.soft ?? false,
  };
  if (!options?.automatic)
    return { nodes, placement: place({ nodes, devices: names, ...constraints }), defaultDevice };
  const automatic = placeByCost({
    ...run,
    ...constraints,
    ...options,
    devices: devices.map(describedDevice),
  });
  const { placement, nodes: ordered, plan } = automatic;
  const device = names[plan.single.device] as string;
  return { nodes: ordered, placement, defaultDevice: device, automatic };
}
