import { readFileSync } from 'node:fs'
import { graphql } from '@vedette/client'
import type { Severity } from '@vedette/model'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { count } from '../../format/quantity.ts'
import { ago } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'

const fields = graphql(`
  fragment FeedFields on Feed {
    name
    source
    kind
    url
    format
    interval_minutes
    enabled
    configured
    is_signed
    checked_at
    changed_at
    indicators
    malformed
    left_out
    version
    failures
    error_code
    error_message
    versions {
      number
      fetched_at
      sha256
      size_bytes
      indicators
    }
  }
`)

const feedList = graphql(
  `
    query FeedList {
      feeds {
        ...FeedFields
      }
    }
  `,
  [fields],
)

const addFeed = graphql(
  `
    mutation AddFeed($settings: JSON!) {
      addFeed(settings: $settings) {
        ...FeedFields
      }
    }
  `,
  [fields],
)

const removeFeed = graphql(
  `
    mutation RemoveFeed($name: String!) {
      removeFeed(name: $name) {
        ...FeedFields
      }
    }
  `,
  [fields],
)

const refreshFeed = graphql(
  `
    mutation RefreshFeed($name: String!, $force: Boolean) {
      refreshFeed(name: $name, force: $force) {
        ...FeedFields
      }
    }
  `,
  [fields],
)

const rollbackFeed = graphql(
  `
    mutation RollbackFeed($name: String!, $version: Int) {
      rollbackFeed(name: $name, version: $version) {
        ...FeedFields
      }
    }
  `,
  [fields],
)

export async function list(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { feeds } = await client.query(feedList)
  if (invocation.json) return printJson(invocation, feeds)
  if (feeds.length === 0) return printLine(invocation, "No feeds. See 'vedette indicators feeds add --help'.")
  const { style, clock } = invocation
  const now = clock.now()
  const when = (time: string | null) => (time === null ? 'not yet' : ago(Date.parse(time), now))
  printTable(
    invocation,
    [
      { title: 'NAME' },
      { title: 'KIND' },
      { title: 'INDICATORS', align: 'right' },
      { title: 'LEFT OUT', align: 'right' },
      { title: 'ASKED' },
      { title: 'CHANGED' },
      { title: 'VERSION', align: 'right' },
      { title: 'STATE', flexible: true },
    ],
    feeds.map((feed) => [
      safe(feed.name, 64),
      feed.kind,
      count(feed.indicators),
      count(feed.left_out + feed.malformed),
      when(feed.checked_at),
      when(feed.changed_at),
      feed.version === null ? '' : String(feed.version),
      feed.error_message === null
        ? feed.enabled
          ? style.good('good')
          : 'off'
        : style.bad(safe(feed.error_message, 300)),
    ]),
  )
}

export interface AddOptions {
  readonly kind: string
  readonly format?: string
  readonly collection?: string
  readonly every: number
  readonly allowPrivate?: boolean
  readonly allowHttp?: boolean
  readonly append?: boolean
  readonly sha256?: string
  readonly publicKey?: string
  readonly authorizationFile?: string
  readonly confidence?: number
  readonly severity?: Severity
  readonly tlp?: string
  readonly validDays?: number
}

export async function add(
  invocation: Invocation,
  options: AddOptions,
  name: string,
  url: string,
): Promise<ExitCode> {
  using client = connect(invocation.paths)
  const {
    kind,
    format,
    collection,
    sha256,
    publicKey,
    authorizationFile,
    confidence,
    severity,
    tlp,
    validDays,
  } = options
  const settings = {
    name,
    url,
    kind,
    interval_minutes: options.every,
    allow_private: options.allowPrivate ?? false,
    allow_http: options.allowHttp ?? false,
    append: options.append ?? false,
    ...(format !== undefined && { format }),
    ...(collection !== undefined && { collection }),
    ...(sha256 !== undefined && { sha256 }),
    ...(publicKey !== undefined && { public_key: publicKey }),
    // From a file: what stands on a command line is seen by everybody on the machine.
    ...(authorizationFile !== undefined && { authorization: readFileSync(authorizationFile, 'utf8').trim() }),
    defaults: {
      ...(confidence !== undefined && { confidence }),
      ...(severity !== undefined && { severity }),
      ...(tlp !== undefined && { tlp }),
      ...(validDays !== undefined && { valid_days: validDays }),
    },
  }
  await client.mutate(addFeed, { settings })
  const { refreshFeed: feed } = await client.mutate(refreshFeed, { name, force: false })
  return tell(invocation, feed, 'Added')
}

export async function refresh(
  invocation: Invocation,
  { force }: { readonly force?: boolean },
  name: string,
): Promise<ExitCode> {
  using client = connect(invocation.paths)
  const { refreshFeed: feed } = await client.mutate(refreshFeed, { name, force: force ?? false })
  return tell(invocation, feed, 'Asked')
}

export async function rollback(
  invocation: Invocation,
  { to }: { readonly to?: number },
  name: string,
): Promise<ExitCode> {
  using client = connect(invocation.paths)
  const { rollbackFeed: feed } = await client.mutate(rollbackFeed, {
    name,
    ...(to !== undefined && { version: to }),
  })
  return tell(invocation, feed, `Back at version ${feed.version ?? '?'} of`)
}

export async function remove(invocation: Invocation, _options: object, name: string): Promise<void> {
  using client = connect(invocation.paths)
  const { removeFeed: feed } = await client.mutate(removeFeed, { name })
  if (invocation.json) return printJson(invocation, feed)
  printLine(invocation, `Took away ${safe(feed.name)} and its ${count(feed.indicators)} indicators.`)
}

interface Told {
  readonly name: string
  readonly indicators: number
  readonly malformed: number
  readonly left_out: number
  readonly error_message: string | null
}

/** Exit code 1 where the feed gave nothing. */
function tell(invocation: Invocation, feed: Told, word: string): ExitCode {
  const code = feed.error_message === null ? exitCodes.ok : exitCodes.failure
  if (invocation.json) {
    printJson(invocation, feed)
    return code
  }
  const { style } = invocation
  printLine(
    invocation,
    `${word} ${safe(feed.name)}: ${count(feed.indicators)} indicators in force, ${count(feed.malformed)} malformed, ${count(feed.left_out)} left out since they name honest things`,
  )
  if (feed.error_message !== null) {
    printLine(
      invocation,
      style.bad(`It gave nothing: ${safe(feed.error_message, 500)}. What was good before stays.`),
    )
  }
  return code
}
