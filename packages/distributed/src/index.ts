// The public surface; each part adds its line.
export type { ChromeTrace } from './client/chrome-trace.js';
export { ClusterSession, type ClusterSessionOptions } from './client/cluster-session.js';
export {
  type ResumableStepsOptions,
  type Resumed,
  resumableSteps,
} from './client/resumable-steps.js';
export * from './cluster/index.js';
export * from './coordinator/index.js';
export { askHeartbeat, type HeartbeatRequest } from './heartbeat/ask-heartbeat.js';
export {
  createLocalCluster,
  type InProcessCluster,
  type LocalCluster,
  type SupervisedCluster,
} from './launch/local-cluster.js';
export type { LocalClusterOptions } from './launch/local-cluster-options.js';
export type { ProcessCluster } from './launch/process-cluster.js';
export type { ThreadCluster } from './launch/thread-cluster.js';
export { Master, type MasterOptions } from './master/master.js';
export { type AliveOptions, isAlive } from './master/members/is-alive.js';
export { type LivingMember, living, type Member } from './master/members/member.js';
export { membersOf } from './master/members/members-of-cluster.js';
export { type MasterServer, type MasterServerOptions, serveMaster } from './master/server.js';
export { type CallOptions, type Calls, type Connection, localConnection } from './protocol/call.js';
export { ClusterError } from './protocol/cluster-error.js';
export { MasterService, WorkerService } from './protocol/gen/distributed_pb.js';
export { type GrpcConnectionOptions, grpcConnection } from './protocol/grpc-client.js';
export { UnreachableError } from './protocol/unreachable.js';
export * from './rendezvous/index.js';
export * from './scale/index.js';
export * from './simulate/index.js';
export { type DataParallelOptions, dataParallel } from './training/data-parallel.js';
export type { TrainingCluster, TrainingTasksOf } from './training/training-cluster.js';
export * from './transport/index.js';
export { JoinedWorker, type JoinOptions, joinCluster } from './worker/joined-worker.js';
export {
  type NetworkOptions,
  networkTransport,
  type PeerTransport,
} from './worker/peer-transport.js';
export {
  type DataPlane,
  serveWorker,
  type WorkerServer,
  type WorkerServerOptions,
} from './worker/server.js';
export { taskName, Worker, type WorkerOptions } from './worker/worker.js';
