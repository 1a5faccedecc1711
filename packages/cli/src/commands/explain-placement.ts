import { readFile, writeFile } from 'node:fs/promises';
import {
  type Device,
  type Feeds,
  type Fetches,
  GraphError,
  js,
  type PlacementExplanation,
  Profile,
  parseDeviceName,
  ratesOf,
  Session,
} from '@tenon/core';
import { wasm } from '@tenon/wasm';

export interface PlacementCommandOptions {
  /** Names of the devices to plan for. */
  readonly devices: readonly string[];
  /** File of measured times. */
  readonly profile?: string;
  /** File in which times are noted that are measured now. */
  readonly measure?: string;
}

const kinds: Readonly<Record<string, (index: number) => Device>> = {
  js: (index) => js({ index }),
  wasm: (index) => wasm({ index }),
};

/**
 * How the cost model places a graph on devices. They need not be there: those with the name of a task are taken to be as fast as such a
 * device is here. Errors: NAME_UNKNOWN, FILE_NOT_FOUND, FORMAT_INVALID, ATTRIBUTE_INVALID.
 */
export async function planPlacement(
  fetches: Fetches,
  feeds: Feeds,
  options: PlacementCommandOptions,
): Promise<PlacementExplanation> {
  const profile = options.profile ? await readProfile(options.profile) : new Profile();
  const kept = new Map<string, Device>();
  try {
    const devices = options.devices.map((name) => plannedDevice(name, kept));
    const session = new Session({ devices, placement: { automatic: true, profile } });
    if (options.measure) {
      session.profile(fetches, { feeds, into: profile });
      await writeFile(options.measure, `${JSON.stringify(profile, null, 1)}\n`);
    }
    return session.explain(fetches, { feeds }).placement as PlacementExplanation;
  } finally {
    for (const device of kept.values()) device.close();
  }
}

/** A device under another name; those of one kind and number are one, so that they are equally fast. */
function plannedDevice(name: string, kept: Map<string, Device>): Device {
  const { device = '' } = parseDeviceName(name);
  const [kind = '', index] = device.split(':');
  const known = kept.get(device) ?? kinds[kind]?.(Number(index));
  if (known) {
    kept.set(device, known);
    return Object.assign(Object.create(known), { name, rates: ratesOf(known) });
  }
  throw new GraphError('NAME_UNKNOWN', '--devices', {
    what: `${name} does not say which kind of device it is.`,
    fix: `kinds: ${Object.keys(kinds).join(', ')}; write wasm:0 or /job:worker/task:1/device:wasm:0.`,
  });
}

async function readProfile(path: string): Promise<Profile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new GraphError('FILE_NOT_FOUND', path, { what: 'the profile can not be read.', cause });
  }
  try {
    return Profile.fromJson(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof GraphError) throw cause;
    throw new GraphError('FORMAT_INVALID', path, { what: 'the profile is not JSON.', cause });
  }
}
