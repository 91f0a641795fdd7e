// The signed identity of a linked device: what the phone signs when it links one, and the check of what the device signs
// in return. The signatures are real, so a client that verifies them accepts them; one option forges the phone's.
import {
  Curve,
  generateSignalPubKey,
  hmacSign,
  type KeyPair,
  proto,
  WA_ADV_ACCOUNT_SIG_PREFIX,
  WA_ADV_DEVICE_SIG_PREFIX,
} from '@whiskeysockets/baileys'
import * as curve from 'libsignal/src/curve.js'

export interface LinkedIdentity {
  /** What pair-success carries: ADVSignedDeviceIdentityHMAC. */
  readonly sealed: Buffer
  readonly details: Buffer
}

export interface LinkRequest {
  readonly account: KeyPair
  readonly deviceIdentity: Buffer
  readonly advSecret: Buffer
  readonly keyIndex: number
  readonly timestamp: number
  readonly forged: boolean
}

export const signDevice = (request: LinkRequest): LinkedIdentity => {
  const { account, deviceIdentity, advSecret, keyIndex, timestamp } = request
  const details = proto.ADVDeviceIdentity.encode({ rawId: keyIndex, timestamp, keyIndex }).finish()
  const signer = request.forged ? Curve.generateKeyPair() : account
  const accountSignature = Curve.sign(
    signer.private,
    Buffer.concat([WA_ADV_ACCOUNT_SIG_PREFIX, details, deviceIdentity]),
  )
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey: account.public,
    accountSignature,
  }).finish()
  const hmac = hmacSign(signed, advSecret)
  const sealed = proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish()
  return { sealed: Buffer.from(sealed), details: Buffer.from(details) }
}

/** Whether the device's answer carries its own valid signature over what the phone signed. */
export const deviceSigned = (answer: Buffer, request: LinkRequest, details: Buffer): boolean => {
  const { deviceSignature } = proto.ADVSignedDeviceIdentity.decode(answer)
  if (deviceSignature?.length !== 64) return false
  const message = Buffer.concat([WA_ADV_DEVICE_SIG_PREFIX, details, request.deviceIdentity, request.account.public])
  const key = Buffer.from(generateSignalPubKey(request.deviceIdentity))
  return curve.verifySignature(key, message, Buffer.from(deviceSignature))
}
