import type { KernelTable } from '../kernel.js';
import { convolutions } from './convolution.js';
import { creation } from './creation.js';
import { elementwise } from './elementwise.js';
import { images } from './image.js';
import { indexing } from './indexing.js';
import { linear } from './linear.js';
import { normalisation } from './normalisation.js';
import { pooling } from './pooling.js';
import { ragged } from './ragged.js';
import { reductions } from './reduction.js';
import { shapes } from './shape.js';
import { sparse } from './sparse.js';

/** Every tfjs kernel that Tenon answers. */
export const kernels: KernelTable = {
  ...elementwise,
  ...reductions,
  ...linear,
  ...convolutions,
  ...pooling,
  ...normalisation,
  ...images,
  ...shapes,
  ...indexing,
  ...sparse,
  ...ragged,
  ...creation,
};
