import type { Device } from '../devices/device.js';
import { GraphError } from '../errors.js';
import { type PassSelection, selectedPasses } from '../passes/index.js';
import {
  type CheckedPlacement,
  checkedPlacement,
  type PlacementOptions,
} from '../placement/placement-options.js';
import { defaultDevices } from './default-devices.js';

export interface SessionOptions {
  /** Where graphs run; what nothing constrains runs on the first. Left out, see `setDefaultDevices`. They are not closed with the session. */
  readonly devices?: readonly Device[];
  /** Seed of all random numbers: the same seed gives the same run. */
  readonly seed?: number;
  /** Whether passes simplify the graph, or the names of those that do: `["fold"]`. */
  readonly optimise?: PassSelection;
  /** Compiled runs that are kept for their next use. */
  readonly programs?: number;
  /** Whether a cost model chooses the devices, and whether hints may be loosened. */
  readonly placement?: PlacementOptions;
}

/** Options with their defaults. */
export interface CheckedOptions extends Required<Omit<SessionOptions, 'placement'>> {
  readonly placement: CheckedPlacement;
}

/** The options of a session with their defaults. Errors: ATTRIBUTE_INVALID; NAME_TAKEN where two devices have one name. */
export function checkedOptions({
  devices = defaultDevices(),
  seed = 0,
  optimise = true,
  programs = 256,
  placement,
}: SessionOptions): CheckedOptions {
  if (devices.length === 0)
    throw invalid('devices is empty.', 'leave it out, or give at least one.');
  if (!Number.isSafeInteger(seed)) throw invalid(`seed is ${seed}, not an integer.`);
  if (!Number.isInteger(programs) || programs < 1)
    throw invalid(`programs is ${programs}, not an integer of at least 1.`);
  selectedPasses(optimise);
  const names = devices.map(({ name }) => name);
  const taken = names.find((name, i) => names.indexOf(name) !== i);
  if (taken !== undefined) {
    throw new GraphError('NAME_TAKEN', 'Session', {
      what: `two devices are called ${taken}.`,
      fix: 'number them: js({ index: 0 }), js({ index: 1 }).',
    });
  }
  const placing = devices.find(({ places }) => places);
  if (placing && devices.length > 1) {
    throw invalid(
      `${placing.name} has devices of its own, and ${names.find((name) => name !== placing.name)} stands beside it.`,
      'give it alone.',
    );
  }
  return { devices, seed, optimise, programs, placement: checkedPlacement(placement) };
}

const invalid = (what: string, fix?: string): GraphError =>
  new GraphError('ATTRIBUTE_INVALID', 'Session', { what, ...(fix ? { fix } : {}) });
