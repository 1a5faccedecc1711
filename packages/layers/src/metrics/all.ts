export {
  binaryAccuracy,
  categoricalAccuracy,
  MeanMetric,
  type Metric,
  type MetricFunction,
  type MetricInput,
  meanAbsoluteErrorMetric as meanAbsoluteError,
  meanMetric as mean,
  meanSquaredErrorMetric as meanSquaredError,
  type Observation,
  sparseCategoricalAccuracy,
} from './index.js';
