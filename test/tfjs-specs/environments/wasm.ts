import { wasm } from '@tenon/wasm';
import { registerTenon } from '../register.js';

registerTenon(wasm());
