/** One step of the schema of events, and the way back. `{db}` stands for the database. */
export interface EventMigration {
  /** From 1, without a gap; what has been published never changes. */
  readonly number: number
  readonly name: string
  readonly up: readonly string[]
  readonly down: readonly string[]
}

/**
 * A partition is a day of *arrival*: an insert then always makes one part (all of it is there after a crash, or
 * nothing), however wrong the clocks of the hosts are, and old days are dropped as a whole.
 *
 * fsync_after_insert and fsync_part_directory: without them ClickHouse answers before the rows are on disk.
 */
const createEvents = `CREATE TABLE IF NOT EXISTS {db}.events (
  tenant LowCardinality(String),
  class UInt16,
  time DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  received DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  agent LowCardinality(String),
  run LowCardinality(String),
  sequence UInt64 CODEC(DoubleDelta, ZSTD(1)),
  id String CODEC(ZSTD(1)),
  kind LowCardinality(String),
  activity LowCardinality(String),
  severity UInt8,
  hostname LowCardinality(String),
  process_uid String CODEC(ZSTD(1)),
  parent_uid String CODEC(ZSTD(1)),
  pid UInt32,
  process_name LowCardinality(String),
  process_path LowCardinality(String),
  cmd_line String CODEC(ZSTD(1)),
  user LowCardinality(String),
  src_ip LowCardinality(String),
  src_port UInt16,
  dst_ip LowCardinality(String),
  dst_port UInt16,
  file_path String CODEC(ZSTD(1)),
  account LowCardinality(String),
  status LowCardinality(String),
  service LowCardinality(String),
  message String CODEC(ZSTD(1)),
  raw String CODEC(ZSTD(1)),
  event String CODEC(ZSTD(1)),
  INDEX id_index id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX run_index run TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX process_index process_uid TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX parent_index parent_uid TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX time_index time TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toYYYYMMDD(received)
ORDER BY (tenant, class, time)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000`

/**
 * A part of which every column is a file of its own is some ninety files, each synced: for what one insert brings that costs
 * more than the rows. Up to this size of its rows (some 150,000 events) all columns of a part share a file.
 */
export const eventMigrations: readonly EventMigration[] = [
  {
    number: 1,
    name: 'events',
    up: [createEvents],
    down: ['DROP TABLE IF EXISTS {db}.events SYNC'],
  },
  {
    number: 2,
    name: 'compact parts',
    up: [`ALTER TABLE {db}.events MODIFY SETTING min_bytes_for_wide_part = ${256 << 20}`],
    down: ['ALTER TABLE {db}.events RESET SETTING min_bytes_for_wide_part'],
  },
]
