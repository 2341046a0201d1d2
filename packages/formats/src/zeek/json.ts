import { plainKind } from '../ndjson/json-kind.ts'
import { zeekPathOf, zeekSource } from './log-name.ts'

/** Zeek's JSON logs as they are shipped, with the log's path in `_path`. */
export const zeekPathKind = plainKind('_path', ({ _path: path }) =>
  typeof path === 'string' ? zeekSource(path) : undefined,
)

/** Zeek's JSON logs as its own writer leaves them: only the file's name says which log it is. */
export const zeekConnectionKind = plainKind('id.orig_h', ({ uid }, fileName) =>
  typeof uid === 'string' ? zeekSource(zeekPathOf(fileName)) : undefined,
)
