export { floor } from './floor.js';
