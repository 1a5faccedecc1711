import { opTable } from '@tenon/conformance';
import { describeOnDevices } from './on-devices.js';

describeOnDevices('casting', opTable.castingCases);
