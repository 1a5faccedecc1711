export { type Activation, activation as activationFunction } from './activations/index.js';
export type { Callback } from './callbacks/callback.js';
export * as callbacks from './callbacks/index.js';
export { input } from './core/input.js';
export { type ModelParallelOptions, modelParallel } from './distribution/model-parallel.js';
export type { ModelStrategy } from './distribution/model-strategy.js';
export * as initializers from './initializers/index.js';
export { type CallContext, Layer, layerConfig, type Tensors, type Weight } from './layer.js';
export * from './layer-classes.js';
export * as layers from './layers-namespace.js';
export * as losses from './losses/all.js';
export * as metrics from './metrics/all.js';
export { type LoadOptions, modelFromJson } from './model/from-config.js';
export { model } from './model/functional.js';
export { loadModel } from './model/load.js';
export { Model } from './model/model.js';
export type { SaveOptions } from './model/save.js';
export { Sequential, sequential } from './model/sequential.js';
export { type LayerClass, layerClasses } from './registry.js';
export * as train from './train.js';
export type { CompileOptions, MetricsInput } from './training/compiled.js';
export type { Batch, BatchSpecs, Pass, TrainingData } from './training/data.js';
export type { Logs, TrainingEvent, TrainingEventOf, TrainingParams } from './training/events.js';
export type { FitOptions, History } from './training/fit.js';
export type { TrainedGraph } from './training/graph/graph-trainable.js';
export {
  type GraphBatches,
  type GraphEpochOptions,
  type GraphStep,
  GraphTraining,
  type TrainGraphOptions,
  trainGraph,
} from './training/graph/graph-training.js';
export type {
  ResumeOptions,
  ResumePoint,
  TrainingPosition,
} from './training/resume-point.js';
export type { Lookup } from './training/steps/lookups.js';
export { type ReplicaGraph, replicaGraph } from './training/steps/replica-graph.js';
export type { Around } from './training/steps/run-pass.js';
export { oneNumber } from './training/steps/step.js';
export type { StepParts } from './training/steps/step-parts.js';
export type { EpochRun, Strategy, Trainer } from './training/strategy.js';
export { type Trainable, trainableModel } from './training/trainable.js';
