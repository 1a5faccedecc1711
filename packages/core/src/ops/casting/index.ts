export { bitcast } from './bitcast.js';
export { cast } from './cast.js';
