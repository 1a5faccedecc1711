import { type DeviceName, matchesHint, parseDeviceName } from './device-name.js';

/** The devices that a hint fits, in their order. Errors: PLACEMENT_CONFLICT for what is no name. */
export const devicesFor = (hint: string, devices: readonly string[]): string[] =>
  fitting(parseDeviceName(hint), devices);

const fitting = (wanted: DeviceName, devices: readonly string[]): string[] =>
  devices.filter((device) => matchesHint(parseDeviceName(device), wanted));

/**
 * The same for soft placement: parts that no device fits are given up one after the other, the number of the device first, then its
 * kind, task, replica and job; in the end every device fits.
 */
export function softDevicesFor(hint: string, devices: readonly string[]): string[] {
  const wanted = parseDeviceName(hint);
  const found = fitting(wanted, devices);
  if (found.length > 0) return found;
  const kind = wanted.device?.split(':')[0];
  const sameKind = fitting(without(wanted, 'device'), devices).filter(
    (device) => parseDeviceName(device).device?.split(':')[0] === kind,
  );
  if (sameKind.length > 0) return sameKind;
  let loose = wanted;
  for (const part of ['device', 'task', 'replica', 'job'] as const) {
    loose = without(loose, part);
    const fits = fitting(loose, devices);
    if (fits.length > 0) return fits;
  }
  return [...devices];
}

function without(name: DeviceName, part: keyof DeviceName): DeviceName {
  const { [part]: _, ...rest } = name;
  return rest;
}

/** Whether a hint asks for a job other than that of the first device, where computing happens, and leaves the task open. */
export function asksForStorage(hint: string, devices: readonly string[]): boolean {
  const { job, task } = parseDeviceName(hint);
  return (
    job !== undefined && task === undefined && job !== parseDeviceName(devices[0] as string).job
  );
}
