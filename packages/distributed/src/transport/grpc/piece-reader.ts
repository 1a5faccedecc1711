import { GraphError, type HostTensor } from '@tenon/core';
import type { TensorPiece } from '../../protocol/gen/distributed_pb.js';
import { errorOf } from '../failure.js';
import { IncomingTensor } from '../incoming-tensor.js';
import type { ReceiveRequest } from '../transport.js';
import { readHeader } from './pieces.js';

/** Puts the pieces of one answer together. */
export class PieceReader {
  private readonly request: ReceiveRequest;
  private readonly tensorBytes: number;
  private incoming: IncomingTensor | undefined;

  constructor(request: ReceiveRequest, tensorBytes: number) {
    this.request = request;
    this.tensorBytes = tensorBytes;
  }

  /** The tensor, once its last piece is there. Errors: FORMAT_INVALID, SHAPE_MISMATCH, DTYPE_MISMATCH, and what the peer tells. */
  read({ content }: TensorPiece): HostTensor | undefined {
    if (content.case === 'failure') throw errorOf(content.value, this.request.worker);
    if (content.case === 'header' && !this.incoming) {
      const header = readHeader(content.value, this.tensorBytes);
      this.incoming = new IncomingTensor(header, this.request.into);
    } else if (content.case === 'data' && this.incoming) this.incoming.write(content.value);
    else {
      throw new GraphError('FORMAT_INVALID', 'receive', {
        what: `worker ${this.request.worker} sent a piece (${content.case ?? 'empty'}) that does not follow.`,
      });
    }
    return this.incoming.missing === 0 ? this.incoming.finish() : undefined;
  }
}
