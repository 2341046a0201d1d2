import { createHash, randomBytes, webcrypto } from 'node:crypto'
import { request } from 'node:https'
import { Pkcs10CertificateRequestGenerator } from '../authority/x509.ts'

/** What the enrolment of a host was answered with. */
export interface Answer {
  readonly status: number
  readonly body: {
    readonly state?: string
    readonly agent?: string
    readonly tenant?: string
    readonly certificate?: string
    readonly error?: { readonly code: string }
  }
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A host with a key of its own that comes to the agents' address. */
export class TestHost {
  readonly #url: string
  readonly #ca: string
  machineId = createHash('sha256').update(randomBytes(8)).digest('hex')
  key = ''
  csr = ''
  certificate = ''
  agent = ''

  private constructor(url: string, ca: string) {
    this.#url = url
    this.#ca = ca
  }

  /** @param ca the authority that it trusts, PEM */
  static async make(url: string, ca: string): Promise<TestHost> {
    const host = new TestHost(url, ca)
    await host.newKey()
    return host
  }

  async newKey(subject = 'CN=anything'): Promise<void> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
    const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
    this.key = `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`
    const made = await Pkcs10CertificateRequestGenerator.create({
      name: subject,
      keys,
      signingAlgorithm: ALGORITHM,
    })
    this.csr = made.toString('pem')
  }

  async enrol(secret?: string): Promise<Answer> {
    const answer = await this.post('/agent/v1/enroll', {
      csr: this.csr,
      hostname: 'web-2',
      machine_id: this.machineId,
      ...(secret !== undefined && { secret }),
    })
    this.certificate = answer.body.certificate ?? ''
    this.agent = answer.body.agent ?? ''
    return answer
  }

  /** With a new key; the certificate that it has opens the door. */
  async renew(): Promise<Answer> {
    const { key } = this
    await this.newKey()
    const answer = await this.post('/agent/v1/renew', { csr: this.csr }, { key, cert: this.certificate })
    this.certificate = answer.body.certificate ?? this.certificate
    return answer
  }

  /** How its stream is opened. */
  get tls() {
    return {
      key: this.key,
      cert: this.certificate,
      ca: this.#ca,
      // The type that comes with ws says boolean; what it is handed to takes an error or nothing.
      checkServerIdentity: (() => undefined) as never,
      headers: { 'x-vedette-machine': this.machineId },
    }
  }

  post(path: string, body: object, shown: { key?: string; cert?: string } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.#url}${path}`,
        {
          method: 'POST',
          ca: this.#ca,
          checkServerIdentity: () => undefined,
          agent: false,
          headers: { 'content-type': 'application/json' },
          ...shown,
        },
        (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (part: string) => {
            text += part
          })
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] }),
          )
        },
      )
      sent.on('error', reject)
      sent.end(JSON.stringify(body))
    })
  }
}
