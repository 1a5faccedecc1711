/** Settles when the process is asked to end; to be called before there is anything to close. A second request ends it at once. */
export const untilSignal = (): Promise<void> =>
  new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM'] as const;
    const asked = () => {
      for (const signal of signals) process.off(signal, asked);
      resolve();
    };
    for (const signal of signals) process.on(signal, asked);
  });
