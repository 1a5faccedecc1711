export { defaultDevices, setDefaultDevices } from './default-devices.js';
export { defaultSession, setDefaultSession } from './default-session.js';
export type { Explanation } from './explain.js';
export type { Feeds } from './feeds.js';
export type { Fetched, Fetches } from './fetches.js';
export type { BoundRun } from './runs/bound-run.js';
export type { Callable } from './runs/prepare.js';
export { type RunOptions, Session } from './session.js';
export type { SessionOptions } from './session-options.js';
