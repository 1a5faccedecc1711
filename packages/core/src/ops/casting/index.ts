export { cast } from './cast.js';
