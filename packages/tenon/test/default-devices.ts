/** Prints the devices of sessions that are given none, and a value that is computed on them. [--without-webassembly] */
if (process.argv.includes('--without-webassembly')) {
  Reflect.deleteProperty(globalThis, 'WebAssembly');
}
const tn = await import('tenon');
const session = new tn.Session();
const devices = session.devices.map(({ name }) => name);
const value = (await session.run(tn.add(1, 2))).item();
session.close();
console.log(JSON.stringify({ devices, value }));

export {};
