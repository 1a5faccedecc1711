import type { Template, WindowGeometry } from '../../lower/template.js';
import type { Work } from './work.js';

type Operations = Pick<Work, 'productFlops' | 'elementOps'>;

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

const windowed = ({ batch, outSize, window }: WindowGeometry): number =>
  batch * product(outSize) * product(window);

const products = (productFlops: number, elementOps = 0): Operations => ({
  productFlops,
  elementOps,
});
const elements = (elementOps: number): Operations => ({ productFlops: 0, elementOps });

/** The operations of a template: `2 m k n` of a product, `2 positions window in out / groups` of a convolution, `n log2 n` of a sort. */
export function templateWork(template: Template): Operations {
  switch (template.kind) {
    case 'gemm':
      return products(2 * template.batch * template.m * template.k * template.n);
    case 'conv':
    case 'convInputGradient':
    case 'convFilterGradient': {
      const { inChannels, outChannels, groups } = template.geometry;
      return products((2 * windowed(template.geometry) * inChannels * outChannels) / groups);
    }
    case 'pool':
    case 'averagePoolGradient':
    case 'maxPoolGradient':
    case 'maxPoolSelect':
    case 'maxPoolIndex':
      return elements(windowed(template.geometry) * template.geometry.channels);
    case 'gather':
      return elements(template.view.outer * template.count * template.view.inner);
    case 'scatter':
      return elements((template.rows + template.count) * template.inner);
    case 'sort': {
      const { outer, size, inner } = template.view;
      return elements(outer * inner * size * Math.log2(size + 2));
    }
    case 'cumulative':
    case 'argReduce':
      return elements(template.view.outer * template.view.size * template.view.inner);
    case 'attention':
    case 'attentionGradient': {
      const { batch, queries, keys, size, values, causal } = template.geometry;
      const scores = product(batch) * queries * keys * (causal ? 0.5 : 1);
      // q k^T and w v; going back five products of the same sizes.
      const flops = template.kind === 'attention' ? 1 : 2.5;
      return products(2 * flops * scores * (size + values), 2 * scores);
    }
    case 'inRange':
      return elements(product(template.shape));
    case 'randomBits':
      return elements(template.count);
  }
}
