import { z } from 'zod'

/** Of an X.509 certificate (RFC 5280), what tells it from others. OCSF `certificate`. */
export interface CertificateFacts {
  /** As text in the order of the certificate: `C=FR, O=Stamus, CN=SELKS`; commas within a value escaped (RFC 4514, 2.4). */
  readonly subject: string
  readonly issuer: string
  /** Upper-case hex digits in pairs, with colons between them. */
  readonly serial_number: string
  /** Not valid before, and not after: milliseconds since the epoch. */
  readonly created_time?: number
  readonly expiration_time?: number
  readonly is_self_signed: boolean
  /** Alternative names: domain names, addresses, mail addresses, URIs; at most 128. */
  readonly sans?: readonly string[]
  /** Of the whole certificate, lower-case hex digits. */
  readonly sha1: string
  readonly sha256: string
}

/** What a client hello offers (RFC 8446, 4.1.2), also within QUIC. Numbers are IANA's, GREASE (RFC 8701) among them. */
export interface ClientHelloFacts {
  /** The name that the client asks for, lower case. OCSF `tls.sni`. */
  readonly sni?: string
  readonly client_alpns?: readonly string[]
  readonly client_versions: readonly number[]
  readonly client_ciphers: readonly number[]
  readonly client_extensions: readonly number[]
  readonly client_groups: readonly number[]
  readonly client_signature_algorithms: readonly number[]
  /** MD5 of `ja3_string` (github.com/salesforce/ja3). OCSF `tls.ja3_hash`. */
  readonly ja3_hash: string
  readonly ja3_string: string
  /** JA4 of the client (FoxIO, technical details of JA4). OCSF `ja4_fingerprint`. */
  readonly ja4: string
  /** The name is encrypted (RFC 9849): `sni` is that of who receives it first. */
  readonly encrypted_client_hello?: boolean
}

/** What a server hello chooses (RFC 8446, 4.1.3). */
export interface ServerHelloFacts {
  /** `TLS 1.3`, `TLS 1.0`, `SSL 3.0`, ...; `TLS 1.3 draft-28` of a draft. OCSF `tls.version`. */
  readonly version: string
  /** IANA's name of the chosen cipher suite, or `0x1234` where it has none. OCSF `tls.cipher`. */
  readonly cipher: string
  readonly server_alpn?: string
  readonly server_extensions: readonly number[]
  /** MD5 of `ja3s_string`. OCSF `tls.ja3s_hash`. */
  readonly ja3s_hash: string
  readonly ja3s_string: string
}

/** A TLS or SSL handshake: the part of it that is not encrypted. OCSF `tls`. One for each connection. */
export interface TlsFacts extends Partial<ClientHelloFacts>, Partial<ServerHelloFacts> {
  /** The handshake went as far as both ends having what they need; else it broke off. */
  readonly established: boolean
  /** An earlier session went on: by its id, its ticket, or (1.3) a key shared before. */
  readonly session_resumed?: boolean
  readonly certificate?: CertificateFacts
  /** SHA-256 of each certificate that the server sent, its own first; at most 16. */
  readonly certificate_chain?: readonly string[]
  /** Where the client showed one too. */
  readonly client_certificate?: CertificateFacts
  /** Of an alert that ended the handshake: IANA's name. */
  readonly alert?: string
  /** What is not as it should be: `truncated`, `gap`, `record-version`, `certificate`, `hello`, `sni`. */
  readonly anomalies?: readonly string[]
}

const numbersSchema = z.array(z.int().min(0).max(65_535)).max(1024)
const name = z.string().max(1024)

const certificateSchema = z.object({
  subject: z.string().max(4096),
  issuer: z.string().max(4096),
  serial_number: z.string().max(256),
  created_time: z.number().finite().optional(),
  expiration_time: z.number().finite().optional(),
  is_self_signed: z.boolean(),
  sans: z.array(name).max(128).optional(),
  sha1: z.string().regex(/^[0-9a-f]{40}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

export const helloShape = {
  sni: name.optional(),
  client_alpns: z.array(z.string().max(1024)).max(64).optional(),
  client_versions: numbersSchema.optional(),
  client_ciphers: numbersSchema.optional(),
  client_extensions: numbersSchema.optional(),
  client_groups: numbersSchema.optional(),
  client_signature_algorithms: numbersSchema.optional(),
  ja3_hash: z.string().max(32).optional(),
  ja3_string: z.string().max(16_384).optional(),
  ja4: z.string().max(64).optional(),
  encrypted_client_hello: z.boolean().optional(),
  version: z.string().max(32).optional(),
  cipher: z.string().max(64).optional(),
  server_alpn: z.string().max(1024).optional(),
  server_extensions: numbersSchema.optional(),
  ja3s_hash: z.string().max(32).optional(),
  ja3s_string: z.string().max(8192).optional(),
}

export const tlsFactsSchema = z.object({
  ...helloShape,
  established: z.boolean(),
  session_resumed: z.boolean().optional(),
  certificate: certificateSchema.optional(),
  certificate_chain: z
    .array(z.string().regex(/^[0-9a-f]{64}$/))
    .max(16)
    .optional(),
  client_certificate: certificateSchema.optional(),
  alert: z.string().max(64).optional(),
  anomalies: z.array(z.string().max(32)).max(8).optional(),
})
