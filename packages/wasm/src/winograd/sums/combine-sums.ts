import type { KernelFunction } from '../../emit/kernel-function.js';
import { type Code, seq } from '../../encoder/code.js';
import { choose, type Local } from '../../encoder/function.js';
import { i32 } from '../../encoder/scalar.js';
import { f32x4, v128 } from '../../encoder/simd.js';
import { tilePositions, tileReach } from '../tiling.js';
import { transformColumns, transforms } from '../transforms.js';
import type { Shares } from './shares.js';

interface Combination {
  readonly shares: Shares;
  /** Of all units: [chunk, part of channels, part of outputs, position, channel, output]. */
  readonly sums: Local;
  readonly dFilter: Local;
}

const taps = 3;

/** Adds the sums of all chunks and transforms them to dFilter. Threads share the channels. */
export function combineSums(k: KernelFunction, given: Combination): Code {
  const { f } = k;
  const { channels, outputs, sums: matrices } = given.shares;
  const [begin, end, part, from, to, left] = Array.from({ length: 6 }, () => f.i32()) as SixLocals;
  const unit = i32.mul(i32.divU(part.get, i32.const(channels.size)), i32.const(outputs.parts));
  const row = i32.remU(part.get, i32.const(channels.size));
  const rowBytes = i32.mul(row, i32.const(matrices.rowBytes));
  return seq(
    k.share(channels.count, begin, end),
    f.for({ from: begin.get, to: end.get }, (channel) =>
      seq(
        part.set(channel.get),
        to.set(i32.add(given.dFilter.get, i32.mul(channel.get, i32.const(4 * outputs.count)))),
        f.for({ to: i32.const(outputs.parts) }, (output) =>
          seq(
            from.set(i32.mul(i32.add(unit, output.get), i32.const(matrices.bytes))),
            from.set(i32.add(i32.add(given.sums.get, from.get), rowBytes)),
            left.set(
              i32.sub(i32.const(outputs.count), i32.mul(output.get, i32.const(outputs.size))),
            ),
            left.set(
              choose(i32.ltS(left.get, i32.const(outputs.size)), left.get, i32.const(outputs.size)),
            ),
            f.while(
              left.get,
              seq(
                combineVector(k, given, { from, to }),
                from.increase(16),
                to.increase(16),
                left.increase(-4),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

type SixLocals = [Local, Local, Local, Local, Local, Local];

/** Four outputs of a channel. */
function combineVector(
  k: KernelFunction,
  { shares }: Combination,
  { from, to }: { readonly from: Local; readonly to: Local },
): Code {
  const { f } = k;
  const { chunks, channels, outputs, sums: matrices } = shares;
  const sums = Array.from({ length: tilePositions }, () => f.v128());
  const at = f.i32();
  const load = (position: number): Code => v128.load(at.get, position * matrices.positionBytes);
  const next = at.increase(channels.parts * outputs.parts * matrices.bytes);
  const tapBytes = 4 * channels.count * outputs.count;
  const back = transformColumns(f, {
    ...{ by: transforms.filterGradient, from: tileReach, to: taps },
    load: (row, column) => (sums[row * tileReach + column] as Local).get,
    put: (row, column, value) => v128.store(to.get, value, (row * taps + column) * tapBytes),
  });
  return seq(
    at.set(from.get),
    ...sums.map((sum, position) => sum.set(load(position))),
    f.for({ from: i32.const(1), to: i32.const(chunks) }, () =>
      seq(next, ...sums.map((sum, position) => sum.set(f32x4.add(sum.get, load(position))))),
    ),
    ...back,
  );
}
