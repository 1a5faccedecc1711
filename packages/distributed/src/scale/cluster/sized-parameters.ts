import type {
  FromShard,
  FromWorker,
  ShardToWorker,
  ToShard,
  ToWorker,
  WorkerToShard,
} from '../../coordinator/messages.js';
import type { ShardArithmetic } from '../../coordinator/shard/arithmetic.js';
import type { ScaleCosts } from '../costs/scale-costs.js';

/** What the shards of one model hold and what a step moves, in bytes of one shard; the parameters are nothing else. */
export interface ShardSizes {
  readonly dense: number;
  readonly table: number;
  /** Rows of the table that a step reads and writes, and their ids. */
  readonly rows: number;
  readonly rowIds: number;
}

type Message =
  | FromWorker
  | ToWorker
  | FromShard
  | ToShard
  | WorkerToShard<number>
  | ShardToWorker<number>;

const header = 100;
const member = 100;

/** Bytes of a message; parameters and gradients are numbers of bytes. */
export function messageBytes(message: Message, { rowIds }: ShardSizes): number {
  switch (message.kind) {
    case 'pull':
      return header + rowIds;
    case 'pulled':
      return header + message.parameters;
    case 'push':
      return header + message.gradient + rowIds;
    case 'apply':
      return message.updates.reduce(
        (sum, { update }) => sum + member * update.members.length,
        header,
      );
    default:
      return header;
  }
}

/** Arithmetic on sizes: what a shard would have computed takes its main thread's time instead. */
export function sizedArithmetic(
  { dense, table, rows }: ShardSizes,
  costs: ScaleCosts,
  work: (seconds: number) => void,
): ShardArithmetic<number, number> {
  const { copyTimePerByte, sumTimePerByte, updateTimePerByte } = costs;
  return {
    copy(parameters) {
      work(parameters * copyTimePerByte);
      return parameters;
    },
    read() {
      work((dense + rows) * copyTimePerByte);
      return dense + rows;
    },
    apply(_, gradients) {
      const summed = gradients.reduce((sum, bytes) => sum + bytes, 0);
      const touched = dense + distinct({ rows, table }, gradients.length);
      work(summed * sumTimePerByte + touched * updateTimePerByte);
    },
  };
}

/** Expected bytes of distinct rows where so many times `rows` bytes of them are drawn: `table (1 - (1 - p)^times)`. */
function distinct({ rows, table }: { rows: number; table: number }, times: number): number {
  return table === 0 ? 0 : -table * Math.expm1(times * Math.log1p(-rows / table));
}
