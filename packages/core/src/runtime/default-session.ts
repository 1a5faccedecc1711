import { Session } from './session.js';

let session: Session | undefined;

/** The session behind `tensor.data()`, `array()` and `print()`; made when first asked for. */
export function defaultSession(): Session {
  session ??= new Session();
  return session;
}

/** Makes another session the default, and gives back the one before. */
export function setDefaultSession(next: Session | undefined): Session | undefined {
  const before = session;
  session = next;
  return before;
}
