import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  TensorHeader as HeaderMessage,
  TensorHeaderSchema,
  TensorPieceSchema,
} from '../../protocol/gen/distributed_pb.js';
import { failureOf } from '../failure.js';
import { checkedHeader, dtypeNumbers, dtypeOfNumber, type TensorHeader } from '../tensor-header.js';

export type PieceInit = MessageInitShape<typeof TensorPieceSchema>;
export type HeaderInit = MessageInitShape<typeof TensorHeaderSchema>;

/** Bytes of one message: large enough that its overhead does not count, small enough to stay in the cache. */
export const pieceBytes = 2 ** 18;
/** The largest message that either side takes. */
export const messageBytes = pieceBytes + 2 ** 16;

export const failurePiece = (error: unknown, worker: string): PieceInit => ({
  content: { case: 'failure', value: failureOf(error, worker) },
});

/** For clients. The window of HTTP/2 is 64 KiB by default, which waits for the peer after every quarter of a piece. */
export const windowOptions = { 'grpc-node.flow_control_window': 2 ** 24 } as const;

export const headerMessage = ({ dtype, wire, shape, bytes }: TensorHeader): HeaderInit => ({
  dtype: dtypeNumbers[dtype],
  wire: dtypeNumbers[wire],
  shape: shape.map(BigInt),
  bytes: BigInt(bytes),
});

export const headerPiece = (header: TensorHeader): PieceInit => ({
  content: { case: 'header', value: headerMessage(header) },
});

export const dataPiece = (value: Uint8Array): PieceInit => ({ content: { case: 'data', value } });

/** Errors: FORMAT_INVALID. */
export const readHeader = (header: HeaderMessage, tensorBytes: number): TensorHeader =>
  checkedHeader(
    {
      dtype: dtypeOfNumber(header.dtype),
      wire: dtypeOfNumber(header.wire),
      shape: header.shape.map(Number),
      bytes: Number(header.bytes),
    },
    tensorBytes,
  );
