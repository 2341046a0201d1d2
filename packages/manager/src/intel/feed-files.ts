import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@vedette/base'
import { type FeedSettings, feedSettingsSchema } from '@vedette/model'

const MOST_FILES = 500
const FILE = /\.(?:json|jsonl|ndjson|txt|csv|list|stix|misp|ioc)$/i

/**
 * A feed for each file with indicators in a folder, named after it; hidden files and other kinds are passed over.
 *
 * @throws {CodedError} `feed-folder` when it cannot be read
 */
export async function filesOf(folder: string): Promise<FeedSettings[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new CodedError('feed-folder', `Cannot read the folder of feeds ${folder}`, { cause: error })
  })
  return entries
    .filter((entry) => entry.isFile() && FILE.test(entry.name) && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort()
    .slice(0, MOST_FILES)
    .map((name) =>
      feedSettingsSchema.parse({
        name: feedName(name),
        kind: 'file',
        url: join(folder, name),
        interval_minutes: 1,
      }),
    )
}

/** `dir-` and the file's name in the letters that a feed may have; a hash where that is not the whole name. */
function feedName(file: string): string {
  const plain = file.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 48)
  return plain === file
    ? `dir-${file}`
    : `dir-${plain}-${createHash('sha256').update(file).digest('hex').slice(0, 8)}`
}
