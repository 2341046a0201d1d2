/** Connections besides the service's: of the owner, who brings the schema up to date, and of the superuser. */
const OTHER_CONNECTIONS = 16

/**
 * How our own PostgreSQL runs: no network at all, everything durable, and small, since a house of one machine has few
 * connections and little state. The socket lies in `../run` beside the data; a relative path keeps it short, however
 * deep the folder is (an address of a socket has 107 bytes).
 *
 * @param connections that the service may hold
 */
export const postgresSettings = (connections: number): Readonly<Record<string, string>> => ({
  listen_addresses: '',
  unix_socket_directories: '../run',
  unix_socket_permissions: '0700',
  max_connections: String(connections + OTHER_CONNECTIONS),
  superuser_reserved_connections: '2',
  reserved_connections: '0',
  // durable
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // small
  shared_buffers: '32MB',
  work_mem: '4MB',
  maintenance_work_mem: '32MB',
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  io_method: 'sync',
  max_worker_processes: '1',
  max_parallel_workers: '0',
  max_logical_replication_workers: '0',
  autovacuum_worker_slots: '1',
  autovacuum_max_workers: '1',
  jit: 'off',
  // A statement may hold an enemy's text: it is not written to a log.
  log_line_prefix: '',
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  timezone: 'UTC',
  lc_messages: 'C',
})
