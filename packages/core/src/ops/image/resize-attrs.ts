import { z } from 'zod';

export const resizeAttrs = z
  .strictObject({
    /** New height and width. */
    size: z.tuple([z.int().min(1), z.int().min(1)]),
    /** Corner pixels fall on corner pixels. */
    alignCorners: z.boolean().default(false),
    /** Pixels are squares around half-integer centres. */
    halfPixelCenters: z.boolean().default(false),
  })
  .refine(({ alignCorners, halfPixelCenters }) => !(alignCorners && halfPixelCenters), {
    message: 'alignCorners and halfPixelCenters exclude each other',
  });

export type ResizeAttrs = z.output<typeof resizeAttrs>;

/** How far apart pixels of the result lie in the image. */
export const stepOf = (from: number, to: number, { alignCorners }: ResizeAttrs): number =>
  alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
