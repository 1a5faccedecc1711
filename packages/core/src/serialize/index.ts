export {
  type DecodedGraph,
  type DecodeOptions,
  decodeGraph,
  encodeGraph,
  type Graph,
} from './graph-def.js';
export { decodePart, encodePart } from './part-def.js';
