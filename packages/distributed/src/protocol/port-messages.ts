/** From who calls. Messages travel as protocol buffers, in memory that is moved. */
export type ToCalled =
  | {
      readonly kind: 'call';
      readonly number: number;
      /** Name of the method in the service. */
      readonly method: string;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  | { readonly kind: 'cancel'; readonly number: number };

/** From who answers: the response, which holds the failure if there is one. */
export interface ToCaller {
  readonly number: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
