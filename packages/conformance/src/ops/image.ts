import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';

const zeros = (shape: readonly number[], dtype: tn.DType = 'float32'): tn.Tensor =>
  tn.broadcastTo(tn.constant(0, { dtype }), { shape: [...shape] });

const sizes = [
  [3, 7],
  [1, 1],
  [5, 2],
] as [number, number][];
const corners = [
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: true, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
] as const;

const resized = corners.flatMap((corner) =>
  sizes.flatMap((size): OpCase[] => {
    const label = `to [${size}]${corner.alignCorners ? ', corners aligned' : ''}${corner.halfPixelCenters ? ', half pixels' : ''}`;
    const { alignCorners, halfPixelCenters } = corner;
    const shapes = [[[1, 4, 3, 2]], [[2, 1, 2, 1]], [[3, 4, 1]]];
    return [
      {
        name: `resizeBilinear ${label}`,
        op: (x) => tn.resizeBilinear(x, { size, ...corner }),
        reference: (x: tf.Tensor4D) =>
          tf.image.resizeBilinear(x, size, alignCorners, halfPixelCenters),
        shapes,
        rejects: [
          {
            why: 'a vector',
            code: 'SHAPE_MISMATCH',
            build: () => tn.resizeBilinear(zeros([3]), { size }),
          },
          {
            why: 'both ways of aligning',
            code: 'ATTRIBUTE_INVALID',
            build: () =>
              tn.resizeBilinear(zeros([1, 1, 1]), {
                size,
                alignCorners: true,
                halfPixelCenters: true,
              }),
          },
        ],
      },
      {
        name: `resizeNearestNeighbor ${label}`,
        op: (x) => tn.resizeNearestNeighbor(x, { size, ...corner }),
        reference: (x: tf.Tensor4D) =>
          tf.image.resizeNearestNeighbor(x, size, alignCorners, halfPixelCenters),
        shapes,
        rejects: [
          {
            why: 'a vector',
            code: 'SHAPE_MISMATCH',
            build: () => tn.resizeNearestNeighbor(zeros([3]), { size }),
          },
        ],
      },
    ];
  }),
);

const crops = (['bilinear', 'nearest'] as const).flatMap((method) =>
  (
    [
      [2, 3],
      [1, 4],
    ] as [number, number][]
  ).map(
    (cropSize): OpCase => ({
      name: `cropAndResize to [${cropSize}], ${method}`,
      op: (image, boxes, boxInd) =>
        tn.cropAndResize(image, boxes as tn.Tensor, boxInd as tn.Tensor, {
          cropSize,
          method,
          extrapolationValue: 7,
        }),
      reference: (image: tf.Tensor4D, boxes: tf.Tensor2D, boxInd: tf.Tensor1D) =>
        tf.image.cropAndResize(image, boxes, boxInd, cropSize, method, 7),
      shapes: [[[2, 5, 4, 2], [3, 4], [3]]],
      domain: [
        { from: -2, to: 2 },
        { from: -0.3, to: 1.3 },
        { from: 0, to: 1, integer: true },
      ],
      inputDTypes: [null, null, 'int32'],
      // In half precision a place can fall on the other side of a pixel's edge.
      dtypes: ['float32', 'float64'],
      tolerance: 1e-4,
      rejects: [
        {
          why: 'boxes of three numbers',
          code: 'SHAPE_MISMATCH',
          build: () =>
            tn.cropAndResize(zeros([1, 2, 2, 1]), zeros([1, 3]), zeros([1], 'int32'), { cropSize }),
        },
        {
          why: 'fractional image numbers',
          code: 'DTYPE_MISMATCH',
          build: () =>
            tn.cropAndResize(zeros([1, 2, 2, 1]), zeros([1, 4]), zeros([1]), { cropSize }),
        },
      ],
    }),
  ),
);

const turned = [
  { radians: Math.PI / 3, fillValue: 3, center: 0.5 },
  {
    radians: -0.4,
    fillValue: [1, 2, 3] as [number, number, number],
    center: [0.2, 0.7] as [number, number],
  },
].map(
  (attrs): OpCase => ({
    name: `rotateWithOffset by ${attrs.radians.toFixed(1)}`,
    op: (x) => tn.rotateWithOffset(x, attrs),
    reference: (x: tf.Tensor4D) =>
      tf.image.rotateWithOffset(x, attrs.radians, attrs.fillValue, attrs.center),
    shapes: [[[2, 4, 5, 3]], [[1, 3, 2, 4]]],
    rejects: [
      {
        why: 'an image without a batch',
        code: 'SHAPE_MISMATCH',
        build: () => tn.rotateWithOffset(zeros([2, 2, 1]), attrs),
      },
    ],
  }),
);

const projections = (['constant', 'reflect', 'wrap', 'nearest'] as const).flatMap((fillMode) =>
  (['nearest', 'bilinear'] as const).map(
    (interpolation): OpCase => ({
      name: `transform, ${interpolation}, ${fillMode}`,
      op: (images, transforms) =>
        tn.transform(images, transforms, {
          interpolation,
          fillMode,
          fillValue: 2,
          outputShape: [3, 5],
        }),
      // On its CPU, TensorFlow.js computes the first image of a batch only.
      reference: (images: tf.Tensor4D, transforms: tf.Tensor2D) => {
        const rows = tf.split(transforms, transforms.shape[0]);
        const each = tf.split(images, images.shape[0]).map((image, i) => {
          const row = (rows[i] ?? rows[0]) as tf.Tensor2D;
          return tf.image.transform(image as tf.Tensor4D, row, interpolation, fillMode, 2, [3, 5]);
        });
        return tf.concat(each, 0);
      },
      shapes: [
        [
          [2, 4, 3, 2],
          [2, 8],
        ],
        [
          [2, 3, 3, 1],
          [1, 8],
        ],
      ],
      domain: [
        { from: -2, to: 2 },
        { from: -0.8, to: 0.9 },
      ],
      dtypes: ['float32', 'float64'],
      tolerance: 1e-3,
      gradient: { skipped: 'places jump at the edges of pixels' },
      rejects: [
        {
          why: 'transforms of six numbers',
          code: 'SHAPE_MISMATCH',
          build: () => tn.transform(zeros([1, 2, 2, 1]), zeros([1, 6])),
        },
      ],
    }),
  ),
);

const colours: readonly OpCase[] = [
  {
    name: 'transform by half a pixel',
    op: (images, transforms) => tn.transform(images, transforms, { interpolation: 'bilinear' }),
    shapes: [
      [
        [1, 1, 3, 1],
        [1, 8],
      ],
    ],
    gradient: { skipped: 'places jump at the edges of pixels' },
    exact: [
      {
        why: 'lies between two pixels',
        in: [[[[[2], [4], [8]]]], [[1, 0, 0.5, 0, 1, 0, 0, 0]]],
        out: [[[[3], [6], [4]]]],
      },
      {
        why: 'an infinite projection gives the fill value',
        in: [[[[[2], [4], [8]]]], [[1, 0, 0, 0, 1, 0, -1, 0]]],
        out: [[[[2], [0], [0]]]],
      },
    ],
  },
  {
    name: 'flipLeftRight',
    op: (x) => tn.flipLeftRight(x),
    reference: (x: tf.Tensor4D) => tf.image.flipLeftRight(x),
    shapes: [[[2, 3, 4, 2]], [[1, 1, 1, 1]]],
    rejects: [
      { why: 'a vector', code: 'SHAPE_MISMATCH', build: () => tn.flipLeftRight(zeros([3])) },
    ],
  },
  {
    name: 'flipUpDown',
    op: (x) => tn.flipUpDown(x),
    reference: (x: tf.Tensor) => tf.reverse(x, x.rank - 3),
    shapes: [[[2, 3, 4, 2]], [[3, 2, 1]]],
    rejects: [{ why: 'a vector', code: 'SHAPE_MISMATCH', build: () => tn.flipUpDown(zeros([3])) }],
  },
  {
    name: 'grayscaleToRGB',
    op: (x) => tn.grayscaleToRGB(x),
    reference: (x: tf.Tensor3D) => tf.image.grayscaleToRGB(x),
    shapes: [[[2, 3, 1]], [[1, 2, 2, 1]]],
    rejects: [
      {
        why: 'two channels',
        code: 'SHAPE_MISMATCH',
        build: () => tn.grayscaleToRGB(zeros([2, 2, 2])),
      },
    ],
  },
  {
    name: 'rgbToGrayscale',
    op: (x) => tn.rgbToGrayscale(x),
    reference: (x: tf.Tensor3D) => tf.image.rgbToGrayscale(x),
    shapes: [[[2, 2, 3]], [[1, 2, 2, 3]], [[0, 3]]],
    rejects: [
      {
        why: 'one channel',
        code: 'SHAPE_MISMATCH',
        build: () => tn.rgbToGrayscale(zeros([2, 2, 1])),
      },
    ],
  },
  {
    name: 'adjustBrightness',
    op: (x) => tn.adjustBrightness(x, { delta: 0.25 }),
    reference: (x: tf.Tensor) => tf.add(x, 0.25),
    shapes: [[[1, 2, 2, 3]]],
  },
  {
    name: 'adjustContrast',
    op: (x) => tn.adjustContrast(x, { factor: 1.5 }),
    reference: (x: tf.Tensor) => {
      const mean = tf.mean(x, [-3, -2], true);
      return tf.add(tf.mul(tf.sub(x, mean), 1.5), mean);
    },
    shapes: [[[2, 3, 2, 3]], [[2, 2, 1]]],
    rejects: [
      {
        why: 'a vector',
        code: 'SHAPE_MISMATCH',
        build: () => tn.adjustContrast(zeros([3]), { factor: 2 }),
      },
    ],
  },
];

const thresholds = (['binary', 'otsu'] as const).flatMap((method) =>
  [false, true].map(
    (inverted): OpCase => ({
      name: `threshold, ${method}${inverted ? ', inverted' : ''}`,
      op: (x) => tn.threshold(x, { method, inverted, threshValue: 0.4 }),
      reference: (x: tf.Tensor3D) => tf.image.threshold(x, method, inverted, 0.4),
      shapes: [[[3, 4, 3]], [[2, 5, 1]]],
      domain: { from: 0, to: 255, integer: true },
      dtypes: ['float32', 'float64'],
      unknownShapes: { skipped: 'whether an image has colours shows in its last size' },
      rejects: [
        {
          why: 'two channels',
          code: 'SHAPE_MISMATCH',
          build: () => tn.threshold(zeros([2, 2, 2])),
        },
      ],
    }),
  ),
);

const padded = (values: tf.Tensor, count: number): tf.Tensor =>
  tf.pad(values, [[0, count - values.size]]);

const boxes: readonly OpCase[] = [0, 0.5].map((softNmsSigma) => ({
  name: `nonMaxSuppression, sigma ${softNmsSigma}`,
  op(given, scores) {
    const chosen = tn.nonMaxSuppression(given, scores as tn.Tensor, {
      maxOutputSize: 4,
      iouThreshold: 0.3,
      scoreThreshold: 0.1,
      softNmsSigma,
    });
    return [chosen.selectedIndices, chosen.selectedScores, chosen.validOutputs];
  },
  reference(given: tf.Tensor2D, scores: tf.Tensor1D) {
    const chosen = tf.image.nonMaxSuppressionWithScore(
      given,
      scores,
      4,
      0.3,
      0.1,
      softNmsSigma,
    ) as Record<string, tf.Tensor>;
    const [indices, kept] = [chosen.selectedIndices, chosen.selectedScores] as [
      tf.Tensor,
      tf.Tensor,
    ];
    return [padded(indices, 4), padded(kept, 4), tf.scalar(indices.size, 'int32')];
  },
  shapes: [
    [[6, 4], [6]],
    [[2, 4], [2]],
  ],
  domain: { from: 0, to: 1 },
  dtypes: ['float32', 'float64'],
  gradient: false,
  exact: [
    {
      why: 'of equal boxes and scores the first stays',
      in: [
        [
          [0, 0, 1, 1],
          [0, 0, 1, 1],
          [2, 2, 3, 3],
        ],
        [0.5, 0.5, 0.75],
      ],
      out: [[2, 0, 0, 0], [0.75, 0.5, 0, 0], 2],
    },
  ],
  rejects: [
    {
      why: 'boxes of three numbers',
      code: 'SHAPE_MISMATCH',
      build: () => tn.nonMaxSuppression(zeros([2, 3]), zeros([2]), { maxOutputSize: 1 }),
    },
    {
      why: 'a threshold above 1',
      code: 'ATTRIBUTE_INVALID',
      build: () =>
        tn.nonMaxSuppression(zeros([2, 4]), zeros([2]), { maxOutputSize: 1, iouThreshold: 2 }),
    },
  ],
}));

export const imageCases: readonly OpCase[] = [
  ...resized,
  ...crops,
  ...turned,
  ...projections,
  ...colours,
  ...thresholds,
  ...boxes,
];
