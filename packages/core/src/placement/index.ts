export {
  type AutomaticPlacement,
  type AutomaticRequest,
  placeByCost,
} from './automatic.js';
export type { PlacementRequest } from './constraints.js';
export { type Links, type PlacementDevice, usualLinks } from './cost/placement-device.js';
export { Profile, type ProfileJson } from './cost/profile.js';
export { type Rates, ratesOf } from './cost/rates.js';
export { type DeviceName, matchesHint, parseDeviceName } from './device-name.js';
export { asksForStorage, devicesFor, softDevicesFor } from './hint.js';
export { type DevicePart, type PartitionRequest, partition } from './partition.js';
export { place, tensorBytes } from './place.js';
export {
  type CheckedPlacement,
  checkedPlacement,
  type PlacementOptions,
} from './placement-options.js';
export { type Spreadable, spreadByBytes } from './spread.js';
export {
  type RowRange,
  type StoragePlanOptions,
  type StoredVariable,
  splitRows,
  storagePlan,
} from './storage-plan.js';
