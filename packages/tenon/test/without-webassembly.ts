/** A host without WebAssembly: prints the default devices, and a value that is computed on them. */
Reflect.deleteProperty(globalThis, 'WebAssembly');
const tn = await import('tenon');
const devices = tn.defaultDevices().map(({ name }) => name);
console.log(JSON.stringify({ devices, value: await tn.add(1, 2).array() }));

export {};
