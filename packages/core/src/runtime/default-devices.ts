import type { Device } from '../devices/device.js';
import { js } from '../devices/js/device.js';

let make: () => readonly Device[] = () => [js()];
let made: readonly Device[] | undefined;

/** The devices of sessions that are given none; all such sessions share them. */
export function defaultDevices(): readonly Device[] {
  made ??= make();
  return made;
}

/** Says which devices sessions get that are given none. They are made when first asked for, and never closed. */
export function setDefaultDevices(next: () => readonly Device[]): void {
  make = next;
  made = undefined;
}
