export { broadcastLike } from './broadcast-like.js';
export { broadcastTo } from './broadcast-to.js';
export { reshapeLike } from './reshape-like.js';
export { reshape } from './reshape.js';
export { transpose } from './transpose.js';
