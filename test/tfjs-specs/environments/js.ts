import { js } from '@tenon/core';
import { registerTenon } from '../register.js';

registerTenon(js());
