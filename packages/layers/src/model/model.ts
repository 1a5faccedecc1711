import {
  defaultSession,
  GraphError,
  type HostTensor,
  hostTensor,
  type Session,
  type Shape,
  type Tensor,
  type TensorData,
} from '@tenon/core';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { input } from '../core/input.js';
import {
  type CallContext,
  inferenceContext,
  Layer,
  layerConfig,
  type Tensors,
  type Weight,
  within,
} from '../layer.js';
import { Compiled, type CompileOptions } from '../training/compiled.js';
import { evaluated, withoutList } from '../training/data/columns.js';
import { isStream, type TrainingData } from '../training/data.js';
import { type EvaluateOptions, evaluate, testOnBatch } from '../training/evaluate.js';
import type { Logs, TrainingEvent } from '../training/events.js';
import { type FitOptions, fit, fit$, type History, trainOnBatch } from '../training/fit.js';
import { type PredictOptions, Predictor } from '../training/predict.js';
import { originOf, tensorsOf } from './application.js';
import { functionalToJson, type ModelJson } from './config.js';
import { checkConnected } from './connected.js';
import { nameLayers } from './naming.js';
import { type Ends, replay, stepsOf } from './replay.js';
import { type SaveOptions, save } from './save.js';
import { type SummaryOptions, summaryText } from './summary.js';

export const modelConfig = z.strictObject({ ...layerConfig.shape });

/**
 * A graph of layers from inputs to outputs, with the means to train it, use it, show it and keep it. A model is a layer too,
 * so models nest.
 */
export class Model extends Layer<typeof modelConfig> {
  static override readonly config = modelConfig;
  static override readonly className: string = 'Functional';

  /** Set to end training after the current step. */
  stopTraining = false;
  private graph: Ends | undefined;
  private ordered: readonly Layer[] = [];
  private compilation: Compiled | undefined;
  private predictor: Predictor | undefined;
  private ownSession: Session | undefined;

  constructor({ name, ...ends }: { name?: string | undefined } & Partial<Ends> = {}) {
    super({ ...(name === undefined ? {} : { name }) });
    if (ends.inputs && ends.outputs) this.setGraph({ inputs: ends.inputs, outputs: ends.outputs });
  }

  /** Where the variables live and everything runs. */
  get session(): Session {
    return this.ownSession ?? defaultSession();
  }

  /** Moves the model to another session; to be called before it is used. */
  useSession(session: Session): void {
    this.ownSession = session;
    this.compilation?.renew();
  }

  get inputs(): readonly Tensor[] {
    return this.ends.inputs;
  }

  get outputs(): readonly Tensor[] {
    return this.ends.outputs;
  }

  /** Names of the inputs, for data given by name. */
  get inputNames(): readonly string[] {
    return this.inputs.map(({ node }) => String(node.attrs.name ?? 'input'));
  }

  /** Names of the outputs: those of the layers that make them. */
  get outputNames(): readonly string[] {
    return this.outputs.map((output, i) => originOf(output)?.layer.name ?? `output_${i}`);
  }

  get inputShape(): Shape {
    return (this.inputs[0] as Tensor).shape;
  }

  get outputShape(): Shape {
    return (this.outputs[0] as Tensor).shape;
  }

  /** Layers in the order in which they run. */
  get layers(): readonly Layer[] {
    return this.ordered;
  }

  override get sublayers(): readonly Layer[] {
    return this.ordered;
  }

  get trainableWeights(): readonly Weight[] {
    return this.uniqueWeights().filter(({ trainable }) => trainable);
  }

  /** A layer by name or by place. Errors: NAME_UNKNOWN. */
  getLayer(which: string | number): Layer {
    const layer =
      typeof which === 'number'
        ? this.layers[which]
        : this.layers.find(({ name }) => name === which);
    if (layer) return layer;
    throw new GraphError('NAME_UNKNOWN', this.name, {
      what: `there is no layer ${which}.`,
      fix: `layers: ${this.layers.map(({ name }) => name).join(', ')}.`,
    });
  }

  /** Chooses how the model is trained. Errors: NAME_UNKNOWN, ATTRIBUTE_INVALID. */
  compile(options: CompileOptions): void {
    this.compilation = undefined;
    if (options.session) this.useSession(options.session);
    this.compilation = new Compiled(this, options);
  }

  /** Errors: STATE_INVALID before compile. */
  get compiled(): Compiled {
    if (this.compilation) return this.compilation;
    throw new GraphError('STATE_INVALID', this.name, {
      what: 'the model was not compiled.',
      fix: "call model.compile({ optimizer: 'adam', loss: 'meanSquaredError' }) first.",
    });
  }

  get isCompiled(): boolean {
    return this.compilation !== undefined;
  }

  /** Trains for a number of epochs and gives the logs of each. */
  fit(x: TrainingData, y?: TrainingData | FitOptions, options?: FitOptions): Promise<History> {
    return fit(this, x, y, options);
  }

  /** The same run as a stream of events: subscribing starts it, unsubscribing stops it at the next step. */
  fit$(
    x: TrainingData,
    y?: TrainingData | FitOptions,
    options?: FitOptions,
  ): Observable<TrainingEvent> {
    return fit$(this, x, y, options);
  }

  /** As `fit` for a data set of batches. */
  fitDataset(dataset: AsyncIterable<unknown>, options?: FitOptions): Promise<History> {
    return fit(this, dataset as TrainingData, undefined, options);
  }

  /** Loss and metrics over data, weights unchanged. */
  evaluate(
    x: TrainingData,
    y?: TrainingData | EvaluateOptions,
    options?: EvaluateOptions,
  ): Promise<Logs> {
    return evaluate(this, x, y, options);
  }

  /** Outputs for any number of examples, computed batch by batch. */
  async predict(x: TrainingData, options: PredictOptions = {}): Promise<HostTensor> {
    return (await this.predictAll(x, options))[0] as HostTensor;
  }

  /** As `predict`, with every output of the model. */
  async predictAll(x: TrainingData, options: PredictOptions = {}): Promise<readonly HostTensor[]> {
    const given = await evaluated(this.session, x);
    this.buildFrom(given);
    if (this.predictor?.session !== this.session) this.predictor = new Predictor(this);
    return this.predictor.run(given, options);
  }

  /** Outputs for one batch. */
  async predictOnBatch(x: TrainingData): Promise<HostTensor> {
    return this.predict(x, { batchSize: Number.MAX_SAFE_INTEGER });
  }

  /** One step on one batch. */
  trainOnBatch(x: TrainingData, y: TrainingData): Promise<Logs> {
    return trainOnBatch(this, x, y);
  }

  testOnBatch(x: TrainingData, y: TrainingData): Promise<Logs> {
    return testOnBatch(this, x, y);
  }

  /** Values of all weights, in the order of `weights`. */
  async getWeights(): Promise<HostTensor[]> {
    const values: HostTensor[] = [];
    for (const { variable } of this.uniqueWeights()) values.push(await this.session.read(variable));
    return values;
  }

  /** Sets all weights. Errors: ATTRIBUTE_INVALID for a wrong number of them, FEED_INVALID for a wrong shape. */
  async setWeights(values: readonly TensorData[]): Promise<void> {
    const weights = this.uniqueWeights();
    if (values.length !== weights.length) {
      throw new GraphError('ATTRIBUTE_INVALID', this.name, {
        what: `${values.length} values for ${weights.length} weights.`,
        fix: 'give one value for each of model.weights, in that order.',
      });
    }
    for (const [i, { variable }] of weights.entries())
      await this.session.write(variable, values[i] as TensorData);
  }

  /** Writes a table of the layers, their output shapes and parameters. */
  summary(options: SummaryOptions = {}): void {
    const { print = console.log } = options;
    print(summaryText(this, options));
  }

  /** Saves architecture, weights and the state of training to a directory. */
  save(directory: string, options: SaveOptions = {}): Promise<void> {
    return save(this, directory, options);
  }

  /** Architecture as plain data, from which `modelFromJson` makes an equal model. */
  override toJSON(): ModelJson {
    return { className: this.className, config: functionalToJson(this) };
  }

  override countParams(): number {
    return this.uniqueWeights().reduce((count, { variable: { size } }) => count + size, 0);
  }

  /** Weights without those that a shared layer would name twice. */
  uniqueWeights(): readonly Weight[] {
    const seen = new Set<unknown>();
    return this.weights.filter(({ variable }) => !seen.has(variable) && seen.add(variable));
  }

  protected override call(_x: Tensor, context: CallContext, inputs: readonly Tensor[]): Tensors {
    return replay(this.ends, inputs, context);
  }

  /** Inputs and outputs. Errors: STATE_INVALID while the model has none. */
  protected get ends(): Ends {
    if (this.graph) return this.graph;
    throw new GraphError('STATE_INVALID', this.name, {
      what: 'the model is not built: the shape of its input is not known.',
      fix: 'give the first layer an inputShape, or call model.build([null, ...]) or fit.',
    });
  }

  /** Whether inputs and outputs are known. */
  get isBuilt(): boolean {
    return this.graph !== undefined;
  }

  /** Builds a model that was given no input shape for data like x. */
  buildFrom(x: TrainingData): void {
    if (this.isBuilt || isStream(x)) return;
    const { shape } = hostTensor(withoutList(x) as TensorData, { where: `${this.name} inputs` });
    this.build([null, ...shape.slice(1)], []);
  }

  /** A subclass with a call of its own and layers in its fields is traced once, for one input. */
  protected override build(shape: Shape, _shapes: readonly Shape[]): void {
    if (this.graph || this.call === Model.prototype.call) return;
    const layers = this.fieldLayers();
    nameLayers(layers, this.name);
    const start = input({ batchShape: [...shape], dtype: layers[0]?.inputDType ?? 'float32' });
    const outputs = within(inferenceContext, () =>
      tensorsOf(this.call(start, inferenceContext, [start])),
    );
    this.setGraph({ inputs: [start], outputs });
    this.ordered = layers;
  }

  protected clearGraph(): void {
    this.graph = undefined;
    this.predictor = undefined;
    this.compilation?.renew();
  }

  protected setGraph(ends: Ends): void {
    this.graph = ends;
    const steps = stepsOf(ends);
    this.ordered = [
      ...new Set(steps.flatMap((step) => (step.kind === 'layer' ? [step.application.layer] : []))),
    ];
    checkConnected(this.name, ends);
    nameLayers(this.ordered, this.name);
    this.predictor = undefined;
    this.compilation?.renew();
  }
}
