import { opTable } from '@tenon/conformance';
import { describeOnDevices } from './on-devices.js';

describeOnDevices('elementwise activations', opTable.elementwiseActivationCases);
