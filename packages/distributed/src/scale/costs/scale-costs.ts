/** What a cluster's machines and network take for what; seconds and bytes. */
export interface ScaleCosts {
  /** Of a message between two processes, one way. */
  readonly latency: number;
  /** Bytes per second of a worker's network interface, each way. */
  readonly workerBandwidth: number;
  /** The same of a parameter server and of the coordinator. */
  readonly serverBandwidth: number;
  /** Time of a process's main thread for each message that it sends or receives. */
  readonly requestTime: number;
  /** Time of a process for each byte that it sends or receives in large messages. */
  readonly transferTimePerByte: number;
  /** Time of a server for each byte of parameters that it reads or copies. */
  readonly copyTimePerByte: number;
  /** Time of a server for each byte of gradients that it adds up for an update. */
  readonly sumTimePerByte: number;
  /** Time of a server for each byte of parameters that the optimizer changes. */
  readonly updateTimePerByte: number;
  /** Time of a worker for each step besides computing: feeds, fetches, the start of the run. */
  readonly stepTime: number;
  /** Time of the coordinator to make its state durable, where it does, once an update, and more for each worker. */
  readonly saveTime: number;
  readonly saveTimePerWorker: number;
}
