export { GrpcTensorServer, type GrpcTensorServerOptions } from './grpc/grpc-tensor-server.js';
export { GrpcTransport, type GrpcTransportOptions } from './grpc/grpc-transport.js';
export { addTensorService, type TensorServiceOptions } from './grpc/tensor-service.js';
export { defaultLimits, type Limits } from './limits.js';
export { MemoryTransport } from './memory-transport.js';
export { RoutedTransport } from './routed-transport.js';
export {
  checkBinding,
  isLoopback,
  type MutualTls,
  newToken,
  type Security,
  securitySchema,
} from './security.js';
export { TcpTransport, type TcpTransportOptions } from './tcp/tcp-transport.js';
export { TensorServer, type TensorServerOptions } from './tcp/tensor-server.js';
export { ThreadServer } from './threads/thread-server.js';
export { ThreadTransport } from './threads/thread-transport.js';
export type {
  Peer,
  PeerLookup,
  ReceiveRequest,
  Self,
  TensorSource,
  Transport,
} from './transport.js';
