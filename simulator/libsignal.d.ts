// What libsignal has at run time and its own types leave out: the simulator drives the ratchet directly, so that a
// failed trial touches nothing but a copy and libsignal's queue and console prints are not involved.
declare module 'libsignal/src/protobufs.js' {
  export interface PreKeyMessage {
    readonly registrationId: number
    readonly preKeyId: number
    readonly signedPreKeyId: number
    readonly baseKey: Buffer
    readonly identityKey: Buffer
    readonly message: Buffer
  }
  export const PreKeyWhisperMessage: { decode(bytes: Uint8Array): PreKeyMessage }
}
