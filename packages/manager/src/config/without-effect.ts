/**
 * Variables of the environment that are known and change nothing in this version, and why. They are said, never taken in
 * silence.
 */
export const withoutEffectVariables: Readonly<Record<string, string>> = {
  DB_MAX_CONNECTIONS: 'the pool has a fixed size',
  EVENT_BUFFER_SIZE: 'queues have fixed bounds, and what they drop is counted',
  DATA_EXFILTRATION_THRESHOLD: 'no rule adds up sent bytes yet',
  SYSTEM_METRICS_INTERVAL: 'measures are taken when /metrics is read',
  WEBSOCKET_ENDPOINT: 'live values use the same address as the API',
  REDIS_URL: 'one server needs no Redis',
  JAEGER_ENDPOINT: 'traces are not exported yet',
}
