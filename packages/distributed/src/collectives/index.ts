export {
  type BucketSpec,
  type ElementKind,
  type Elements,
  elementKind,
  inBuckets,
  type Wire,
} from './bucket.js';
export { LinkPump, type LinkPumpOptions } from './link-pump.js';
export { RingMember, type RingMemberOptions } from './ring-member.js';
export { type Frame, type RingOptions, RingReduction } from './ring-reduction.js';
export { newSignalMemory, RingSignal } from './ring-signal.js';
export { type LinkFormat, newLinkMemory, SharedLink } from './shared-link.js';
