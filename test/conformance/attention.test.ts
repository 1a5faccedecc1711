import { opTable } from '@tenon/conformance';
import { describeOnDevices } from './on-devices.js';

describeOnDevices('attention', opTable.attentionCases);
