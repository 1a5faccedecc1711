import { countingModule } from './threads-counting.js';
import { Device } from './threads-device.js';

// Runs on three threads, and leaves two of them waiting for the next step.
const device = new Device(3);
const program = device.load(countingModule());
device.whole(program, program);
program.run(100);
console.log(JSON.stringify(device.counts));
