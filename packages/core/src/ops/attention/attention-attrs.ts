import { z } from 'zod';

export const attentionAttrs = z.strictObject({
  /** Factor of the scores. */
  scale: z.number(),
  /** No query sees keys behind its own place. */
  causal: z.boolean().default(false),
  /**
   * Whether all scores are held at once, or a tile of them at a time, again for the gradient: `bySize` holds them where a cache
   * does. Tiles are of float32; scores of other dtypes are held.
   */
  scores: z.enum(['bySize', 'held', 'tiled']).default('bySize'),
});

export type AttentionAttrs = z.output<typeof attentionAttrs>;
