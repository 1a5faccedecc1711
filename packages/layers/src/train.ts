import {
  type Adam,
  adam as adamOf,
  type RMSprop,
  rmsprop as rmspropOf,
  type SGD,
  sgd as sgdOf,
} from '@tenon/core';

// Positional parameters, as scripts written for TensorFlow.js call them. What is left out has the default of the optimizer.
const given = <T extends object>(options: T): { [K in keyof T]: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;

/** Gradient descent. */
export const sgd = (learningRate: number): SGD => sgdOf({ learningRate });

/** Gradient descent that keeps a share of its velocity. */
export const momentum = (learningRate: number, share: number, nesterov = false): SGD =>
  sgdOf({ learningRate, momentum: share, nesterov });

/** Adam. */
export const adam = (
  learningRate?: number,
  beta1?: number,
  beta2?: number,
  epsilon?: number,
): Adam => adamOf(given({ learningRate, beta1, beta2, epsilon }));

/** RMSprop; `decay` is its rho. */
export const rmsprop = (
  learningRate: number,
  decay?: number,
  share?: number,
  epsilon?: number,
  centered?: boolean,
): RMSprop => rmspropOf(given({ learningRate, rho: decay, momentum: share, epsilon, centered }));
