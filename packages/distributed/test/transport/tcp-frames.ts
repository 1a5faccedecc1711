import { encodeFrame, encodeHead } from '../../src/transport/tcp/frame.js';
import { encodeHeader, encodeJson } from '../../src/transport/tcp/messages.js';
import { self } from './setup.js';

export const welcome = encodeFrame('welcome', 0, encodeJson(self));
export const hello = encodeFrame('hello', 0, encodeJson({ worker: 'receiver' }));
export const header = (bytes: number, request = 1, shape: readonly number[] = [bytes / 4]) =>
  encodeFrame('tensor', request, encodeHeader({ dtype: 'float32', wire: 'float32', shape, bytes }));
export const dataHead = (length: number, request = 1) =>
  encodeHead({ kind: 'data', request, length });
