export { type Address, formatAddress, parseAddress } from './address.js';
export { bindingHost } from './binding.js';
export { type ClusterSpec, checkClusterSpec } from './cluster-spec.js';
export { readCredentials } from './credentials.js';
export { deviceName, parseTaskDevice, type TaskDevice } from './device-names.js';
export type { Environment } from './environment.js';
export { expandNodeList } from './launchers/node-list.js';
export { isWorkerJob, masterAddress, masterOf, masterTarget } from './master-target.js';
export { type ClusterReaderName, clusterReaders } from './readers/index.js';
export type { ClusterReader, ReadCluster, ReaderInput } from './readers/reader.js';
export { type ResolvedCluster, type ResolveOptions, resolveCluster } from './resolve-cluster.js';
export {
  addressOf,
  checkTask,
  chiefOf,
  isChief,
  type TaskIdentity,
  tasksOf,
} from './task.js';
