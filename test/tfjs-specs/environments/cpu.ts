import '@tensorflow/tfjs-backend-cpu/dist/index.js';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';

// The reference backend: what fails here fails by the specs' own fault.
setTestEnvs([{ name: 'cpu', backendName: 'cpu', isDataSync: true }]);
