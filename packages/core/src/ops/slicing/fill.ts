import { z } from 'zod';

/** The number that fills places without a value: any number, infinities and NaN included. */
export const fill = z
  .custom<number>((value) => typeof value === 'number', 'must be a number')
  .default(0);
