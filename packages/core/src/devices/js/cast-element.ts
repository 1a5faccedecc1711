import { type DType, dtypes } from '../../graph/dtype.js';
import { elementConversion } from '../../graph/host-tensor.js';
import { isHalf } from '../memory.js';

/** How one element is cast, or undefined where storing it in the other array does it. */
export function castElement(from: DType, to: DType): ((value: number) => number) | undefined {
  const convert = elementConversion(to) as (value: number) => number;
  if (to === 'bool' || to === 'int64' || isHalf(to)) return convert;
  if (from !== 'int64') return undefined;
  // A bigint keeps its low bits as an integer, and becomes the nearest number as a float.
  return dtypes[to].kind === 'int' ? (x) => Number(BigInt.asIntN(32, x as never)) : convert;
}
