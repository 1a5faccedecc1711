export {
  type Checkpoint,
  type CheckpointOptions,
  loadCheckpoint,
  saveCheckpoint,
} from './checkpoint.js';
export {
  type DirectoryOptions,
  readDirectory,
  type SavedDirectory,
  writeDirectoryAtomically,
} from './directory.js';
export { checkKey, readJson, readText } from './json.js';
export {
  decodeManifest,
  encodeManifest,
  type Manifest,
  type Metadata,
  manifestName,
} from './manifest.js';
export {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensors,
  type Safetensors,
} from './safetensors.js';
export { removeCheckpoints, type SkippedCheckpoint } from './series.js';
export { bytesOf, type Stored, tensorOfBytes } from './stored-tensor.js';
export {
  type NamedVariables,
  type Restored,
  type RestoreOptions,
  restoreVariables,
  type Snapshot,
  saveSnapshot,
  saveVariables,
  snapshotVariables,
} from './variables.js';
