import { encryptionConfigSchema } from '@vedette/store/keys'
import { z } from 'zod'
import { listenAddressSchema } from './listen-address.ts'

/** Values that stand in examples. A house whose lock everybody has the key of is not locked. */
const SAMPLE = /^(?:your[-_ ].*|change[-_ ]?me.*|secret|password|example.*|sample.*|test.*|x+|.*-here)$/i

const origin = z.string().transform((text, context): string => {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.origin !== text.replace(/\/$/, '')) {
    context.addIssue({ code: 'custom', message: 'expected an origin, such as https://console.example.org' })
    return z.NEVER
  }
  return url.origin
})

/** The part `api` of the configuration: how people and programs reach the server. */
export const apiConfigSchema = z.strictObject({
  /** Where the console and the API are. 002 calls it GRAPHQL_ENDPOINT. An address other than loopback needs `tls`. */
  listen: listenAddressSchema.default({ host: '127.0.0.1', port: 8000 }),
  /** PEM files. */
  tls: z.strictObject({ certificate_file: z.string(), key_file: z.string() }).optional(),
  /** Pages of other origins that may use the API with their visitors' sessions. CORS_ORIGINS. */
  cors_origins: z.array(origin).max(32).default([]),
  /**
   * JWT_SECRET. Taken so that an environment made for it starts; nothing is signed with it, since sessions and tokens
   * are random and only their hashes are kept. A value from an example is refused all the same.
   */
  jwt_secret: z
    .string()
    .min(32, 'expected at least 32 characters')
    .refine((value) => !SAMPLE.test(value), 'expected a secret of your own, not the sample value')
    .optional(),
  /** A second address that serves `/metrics` alone, for a scraper. METRICS_ENDPOINT. */
  metrics_listen: listenAddressSchema.optional(),
  /** A second address for WebSockets alone: what is live comes at `/` and `/graphql`. WEBSOCKET_ENDPOINT. */
  websocket_listen: listenAddressSchema.optional(),
  /** Where agents of other hosts come to, TLS 1.3 with the server's own authority, such as `0.0.0.0:8443`. */
  agents_listen: listenAddressSchema.optional(),
  /** An agent's certificate is good for so many days; it is renewed when a third is left. */
  agent_certificate_days: z.number().min(0.0001).max(397).default(30),
  /** A session ends after so many hours without use. */
  session_hours: z
    .number()
    .min(0.01)
    .max(24 * 30)
    .default(12),
})

export type ApiConfig = z.output<typeof apiConfigSchema>

/** Variables of the environment that fill keys of `api`. */
export const apiEnvironment = {
  GRAPHQL_ENDPOINT: { key: 'listen', list: false },
  CORS_ORIGINS: { key: 'cors_origins', list: true },
  JWT_SECRET: { key: 'jwt_secret', list: false },
  METRICS_ENDPOINT: { key: 'metrics_listen', list: false },
  WEBSOCKET_ENDPOINT: { key: 'websocket_listen', list: false },
} as const

/** The part `store` of the configuration: where events and state are kept, and for how long. */
export const storeConfigSchema = z.strictObject({
  /** A PostgreSQL of yours (`postgres://user:password@host/database`); left out, the server runs its own. DATABASE_URL. */
  database_url: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//, 'expected postgres://user:password@host/database')
    .max(4096)
    .optional(),
  /** Connections that the server may hold to PostgreSQL. DB_MAX_CONNECTIONS. */
  max_connections: z.int().min(2).max(500).default(8),
  /** A ClickHouse of yours (`http://user:password@host:8123/database`); left out, its engine runs within the server. */
  clickhouse_url: z
    .string()
    .regex(/^https?:\/\//, 'expected http://user:password@host:8123/database')
    .max(4096)
    .optional(),
  /** Days for which events are kept. */
  event_days: z.int().min(1).max(3650).default(30),
})

export type StoreConfig = z.output<typeof storeConfigSchema>

/** Variables of the environment that fill keys of `store`. */
export const storeEnvironment = {
  DATABASE_URL: { key: 'database_url', list: false },
  DB_MAX_CONNECTIONS: { key: 'max_connections', list: false },
} as const

/** The sections of the configuration that the server reads. */
export const serverSections = [
  { key: 'api', schema: apiConfigSchema, environment: apiEnvironment },
  { key: 'store', schema: storeConfigSchema, environment: storeEnvironment },
  { key: 'encryption', schema: encryptionConfigSchema },
] as const
