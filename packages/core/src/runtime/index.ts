export { defaultDevices, setDefaultDevices } from './default-devices.js';
export { defaultSession, setDefaultSession } from './default-session.js';
export type { Explanation } from './explain.js';
export type { Feeds } from './feeds.js';
export type { Fetched, Fetches } from './fetches.js';
export { type Callable, type RunOptions, Session } from './session.js';
export type { SessionOptions } from './session-options.js';
