/** Everything of Tenon under one name: the graph engine, the Keras-style API and the data sets. */
export * from '@tenon/core';
export * from '@tenon/data';
export * from '@tenon/layers';
