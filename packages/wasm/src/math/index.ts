import { atan } from './atan.js';
import { doubleAtan } from './double/atan.js';
import { doubleErf } from './double/erf.js';
import { doubleExp, doubleSigmoid, doubleTanh } from './double/exp.js';
import { doubleLog } from './double/log.js';
import { doublePow } from './double/pow.js';
import { doubleCos, doubleSin } from './double/trigonometry.js';
import { erf } from './erf.js';
import { exp, sigmoid, tanh } from './exp.js';
import { log } from './log.js';
import { pow } from './pow.js';
import { cos, sin } from './trigonometry.js';

/** Functions of f32 lanes. Operands are read more than once: they must be locals. */
export const floatMath = { exp, log, sin, cos, atan, tanh, erf, sigmoid, pow } as const;

/** Functions of one f64, likewise: exp, log and pow to 1 ulp, sin and cos to 1.4, the others to 2. */
export const doubleMath = {
  exp: doubleExp,
  log: doubleLog,
  sin: doubleSin,
  cos: doubleCos,
  atan: doubleAtan,
  tanh: doubleTanh,
  erf: doubleErf,
  sigmoid: doubleSigmoid,
  pow: doublePow,
} as const;
