import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'

/** A new key, ECDSA on P-256: PKCS #8, PEM. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/**
 * A request for a certificate (PKCS #10, RFC 2986, section 4) that names nobody: who an agent is, its server says. Written
 * out here, since it is forty bytes around a key, and a library for it would be loaded on every host.
 */
export function certificateRequest(key: string): string {
  const privateKey = createPrivateKey(key)
  const publicKey = createPublicKey(privateKey)
  const version = Buffer.from([0x02, 0x01, 0x00])
  const noName = der(0x30)
  const noAttributes = der(0xa0)
  const info = der(0x30, version, noName, publicKey.export({ type: 'spki', format: 'der' }), noAttributes)
  // ecdsa-with-SHA256, 1.2.840.10045.4.3.2 (RFC 5758, section 3.2)
  const algorithm = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
  const signature = der(0x03, Buffer.from([0]), sign('sha256', info, privateKey))
  const base64 = der(0x30, info, algorithm, signature).toString('base64')
  const lines = base64.match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n')
}

/** Tag, length, contents (X.690, 8.1.3); up to 65,535 bytes. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const contents = Buffer.concat(parts)
  const { length } = contents
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), contents])
}
