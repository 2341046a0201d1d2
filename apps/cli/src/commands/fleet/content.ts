import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { graphql } from '@vedette/client'
import { packBundle } from '@vedette/manager/fleet'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'

const contents = graphql(`
  query AgentContents {
    agent_contents {
      version
      sha256
      size_bytes
      files
      made_at
      made_by
    }
  }
`)

const publishContent = graphql(`
  mutation PublishAgentContent($bundle: String!, $sha256: String!, $indicators: Boolean) {
    publishAgentContent(bundle: $bundle, sha256: $sha256, indicators: $indicators) {
      version
      sha256
      size_bytes
      files
    }
  }
`)

/** A request may have 1 MiB, and Base64 takes a third more. */
const MOST_BYTES = 700 << 10

export async function list(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { agent_contents: found } = await client.query(contents)
  if (invocation.json) return printJson(invocation, found)
  if (found.length === 0) {
    return printLine(invocation, "Nothing was published; 'vedette fleet content publish FOLDER' does.")
  }
  printTable(
    invocation,
    [
      { title: 'VERSION', align: 'right' },
      { title: 'FILES', align: 'right' },
      { title: 'BYTES', align: 'right' },
      { title: 'MADE' },
      { title: 'SHA-256', flexible: true },
    ],
    found.map(({ version, files, size_bytes: size, made_at: madeAt, made_by: by, sha256 }) => [
      String(version),
      String(files.length),
      String(size),
      `${madeAt} by ${safe(by, 64)}`,
      safe(sha256, 64),
    ]),
  )
}

export async function publish(
  invocation: Invocation,
  { indicators }: { readonly indicators?: boolean },
  folder: string,
): Promise<void> {
  const { bytes, sha256 } = pack(folder)
  if (bytes.length > MOST_BYTES) {
    throw new CliError(
      'usage',
      exitCodes.usage,
      `Packed the files are ${bytes.length} bytes; more than ${MOST_BYTES} are not taken`,
    )
  }
  using client = connect(invocation.paths)
  const { publishAgentContent: made } = await client.mutate(publishContent, {
    bundle: bytes.toString('base64'),
    sha256,
    indicators: indicators ?? false,
  })
  if (invocation.json) return printJson(invocation, made)
  const files = made.files.length === 1 ? 'one file' : `${made.files.length} files`
  printLine(
    invocation,
    `Version ${made.version} has ${files}; 'vedette fleet roll-out GROUP --content ${made.version}' brings it to agents.`,
  )
}

function pack(folder: string): ReturnType<typeof packBundle> {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.yara?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
    return packBundle(
      files.map((file) => ({ path: relative(folder, file), text: readFileSync(file, 'utf8') })),
    )
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('usage', exitCodes.usage, `${safe(folder, 300)}: ${safe(reason, 500)}`, undefined, {
      cause: error,
    })
  }
}
