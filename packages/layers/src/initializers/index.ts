import {
  broadcastTo,
  constant,
  type DType,
  type KnownShape,
  randomNormal,
  randomUniform,
  type Tensor,
  truncatedNormal,
} from '@tenon/core';
import { z } from 'zod';
import { named } from '../config.js';
import {
  defineInitializer,
  type Initializer,
  type Row,
  seed,
  seeded,
} from './define-initializer.js';
import { orthogonal } from './orthogonal.js';

export type { Initializer } from './define-initializer.js';
export { orthogonal } from './orthogonal.js';

/** A name, an initializer, or its JSON form. */
export type InitializerInput =
  | string
  | Initializer
  | { className: string; config: Record<string, unknown> };

export const initializerSchema = z
  .union([
    z.string(),
    z.custom<Initializer>((value) => typeof (value as Initializer | null)?.tensor === 'function'),
    z.strictObject({ className: z.string(), config: z.record(z.string(), z.unknown()) }),
  ])
  .refine((given) => initializer(given) !== undefined);

/** Inputs and outputs of one unit: for filters the receptive field counts too. */
function fans(shape: KnownShape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return { fanIn: field * (shape.at(-2) as number), fanOut: field * (shape.at(-1) as number) };
}

const none = z.strictObject({});
const filled = (value: number, shape: KnownShape, dtype: DType): Tensor =>
  broadcastTo(constant(value, { dtype }), { shape: [...shape] });

export const zeros = defineInitializer('Zeros', none, (_config, shape, dtype) =>
  filled(0, shape, dtype),
);
export const ones = defineInitializer('Ones', none, (_config, shape, dtype) =>
  filled(1, shape, dtype),
);

export const constantInitializer = defineInitializer(
  'Constant',
  z.strictObject({ value: z.number().default(0) }),
  ({ value }, shape, dtype) => filled(value, shape, dtype),
);

export const randomNormalInitializer = defineInitializer(
  'RandomNormal',
  z.strictObject({ mean: z.number().default(0), stddev: z.number().min(0).default(0.05), seed }),
  ({ mean, stddev, seed: s }, shape, dtype) =>
    randomNormal({ shape: [...shape], mean, stdDev: stddev, dtype, ...seeded(s) }),
);

export const randomUniformInitializer = defineInitializer(
  'RandomUniform',
  z.strictObject({ minval: z.number().default(-0.05), maxval: z.number().default(0.05), seed }),
  ({ minval, maxval, seed: s }, shape, dtype) =>
    randomUniform({ shape: [...shape], minval, maxval, dtype, ...seeded(s) }),
);

export const truncatedNormalInitializer = defineInitializer(
  'TruncatedNormal',
  z.strictObject({ mean: z.number().default(0), stddev: z.number().min(0).default(0.05), seed }),
  ({ mean, stddev, seed: s }, shape, dtype) =>
    truncatedNormal({ shape: [...shape], mean, stdDev: stddev, dtype, ...seeded(s) }),
);

const varianceScalingConfig = z.strictObject({
  scale: z.number().positive().default(1),
  mode: z.enum(['fanIn', 'fanOut', 'fanAvg']).default('fanIn'),
  distribution: z
    .enum(['truncatedNormal', 'untruncatedNormal', 'uniform'])
    .default('truncatedNormal'),
  seed,
});

function scaledVariance(
  config: z.output<typeof varianceScalingConfig>,
  shape: KnownShape,
  dtype: DType,
): Tensor {
  const { fanIn, fanOut } = fans(shape);
  const size = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[config.mode];
  const variance = config.scale / Math.max(1, size);
  const options = { shape: [...shape], dtype, ...seeded(config.seed) };
  if (config.distribution === 'uniform') {
    const limit = Math.sqrt(3 * variance);
    return randomUniform({ ...options, minval: -limit, maxval: limit });
  }
  if (config.distribution === 'untruncatedNormal')
    return randomNormal({ ...options, stdDev: Math.sqrt(variance) });
  // A normal cut at two deviations has 0.8796 of the deviation that it is made with.
  return truncatedNormal({ ...options, stdDev: Math.sqrt(variance) / 0.8796256610342398 });
}

/** Random weights whose variance is `scale / fan`, so that signals keep their size from layer to layer. */
export const varianceScaling = defineInitializer(
  'VarianceScaling',
  varianceScalingConfig,
  scaledVariance,
);

type Scaling = z.input<typeof varianceScalingConfig>;

const scaling = (className: string, fixed: Scaling) =>
  defineInitializer(className, z.strictObject({ seed }), (config, shape, dtype) =>
    scaledVariance(varianceScalingConfig.parse({ ...fixed, ...config }), shape, dtype),
  );

/** Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks". */
export const glorotUniform = scaling('GlorotUniform', { mode: 'fanAvg', distribution: 'uniform' });
export const glorotNormal = scaling('GlorotNormal', { mode: 'fanAvg' });
/** Source: He et al. 2015, "Delving deep into rectifiers". */
export const heUniform = scaling('HeUniform', { scale: 2, distribution: 'uniform' });
export const heNormal = scaling('HeNormal', { scale: 2 });
/** Source: LeCun et al. 1998, "Efficient backprop". */
export const lecunUniform = scaling('LecunUniform', { distribution: 'uniform' });
export const lecunNormal = scaling('LecunNormal', {});

const rows: readonly [string, Row<z.ZodType>][] = [
  ['zeros', zeros],
  ['ones', ones],
  ['constant', constantInitializer],
  ['randomNormal', randomNormalInitializer],
  ['randomUniform', randomUniformInitializer],
  ['truncatedNormal', truncatedNormalInitializer],
  ['varianceScaling', varianceScaling],
  ['glorotUniform', glorotUniform],
  ['glorotNormal', glorotNormal],
  ['heUniform', heUniform],
  ['heNormal', heNormal],
  ['lecunUniform', lecunUniform],
  ['lecunNormal', lecunNormal],
  ['orthogonal', orthogonal],
] as never;

const table: ReadonlyMap<string, Row<z.ZodType>> = new Map(rows);

/** The initializer that a name, an object or its JSON form stands for. Errors: NAME_UNKNOWN, ATTRIBUTE_INVALID. */
export function initializer(given: InitializerInput): Initializer {
  if (typeof given === 'string') return named(table, given, 'initializer')({});
  if ('tensor' in given) return given;
  return named(table, given.className, 'initializer')(given.config);
}
