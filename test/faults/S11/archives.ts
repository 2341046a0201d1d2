import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { CodedError } from '@vedette/base'
import { Header } from 'tar'
import { getDocument } from '../../../packages/intel/src/feeds/get-document.ts'
import { readPack } from '../../../packages/manager/src/workshop/read-pack.ts'
import type { Figure } from '../row.ts'

const MIB = 1 << 20
const GIB = 1 << 30
const RULE = 'title: A rule\nlogsource: { product: linux }\ndetection: { a: { b: c }, condition: a }\n'

interface Bomb {
  readonly name: string
  /** Its packed bytes. */
  readonly pieces: () => Iterable<Buffer>
}

/** Archives and feeds that are made to fill a machine, or to lead out of their folder. */
export async function archives(mostCpuMs?: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-archives-'))
  try {
    return await unpack(folder, mostCpuMs)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function unpack(folder: string, mostCpuMs?: number): Promise<Figure[]> {
  const counts = { bombs: 0, taken: 0, cpuMs: 0, rssMiB: 0 }
  const attempt = async (work: () => Promise<unknown>) => {
    counts.bombs += 1
    const cpu = process.cpuUsage()
    const rss = process.memoryUsage.rss()
    try {
      await work()
      counts.taken += 1
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
    }
    const { user, system } = process.cpuUsage(cpu)
    counts.cpuMs = Math.max(counts.cpuMs, (user + system) / 1000)
    counts.rssMiB = Math.max(counts.rssMiB, (process.memoryUsage.rss() - rss) / MIB)
  }

  for (const [index, bomb] of bombs.entries()) {
    const file = join(folder, `bomb-${index}.tar.gz`)
    writeFileSync(file, Buffer.concat([...bomb.pieces()]))
    await attempt(() => readPack(file))
    rmSync(file)
  }
  const zip = join(folder, 'zip-by-another-name.tar')
  writeFileSync(zip, Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(MIB)]))
  await attempt(() => readPack(zip))

  const [first] = bombs
  const feed = createServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    Readable.from(first?.pieces() ?? []).pipe(response)
  })
  feed.listen(0, '127.0.0.1')
  await once(feed, 'listening')
  const url = new URL(`http://127.0.0.1:${(feed.address() as AddressInfo).port}/`)
  await attempt(() =>
    getDocument(
      url,
      { reach: { allow_private: true, allow_http: true }, budget: { maxBytes: 64 * MIB, withinMs: 60_000 } },
      new AbortController().signal,
    ),
  )
  feed.closeAllConnections()
  feed.close()
  return [
    { name: 'archives and feeds that unpack without end', value: counts.bombs, must: { beAtLeast: 6 } },
    { name: 'of these, taken whole', value: counts.taken, must: { be: 0 } },
    {
      name: 'most time of the processor until one was stopped, ms',
      value: Math.round(counts.cpuMs),
      ...(mostCpuMs !== undefined && { must: { beAtMost: mostCpuMs } }),
    },
    { name: 'most memory that one took, MiB', value: Math.round(counts.rssMiB), must: { beAtMost: 400 } },
    ...(await links(folder)),
  ]
}

/** `gzip` takes members one after the other: ten GiB are one MiB of them. */
const zeros = (bytes: number): Iterable<Buffer> => {
  const member = gzipSync(Buffer.alloc(64 * MIB), { level: 1 })
  return Array.from({ length: bytes / (64 * MIB) }, () => member)
}

const bombs: readonly Bomb[] = [
  { name: '10 GiB of nothing', pieces: () => zeros(10 * GIB) },
  {
    name: 'one file of 10 GiB',
    pieces: () => [gzipSync(header('rules/a.yml', 10 * GIB)), ...zeros(10 * GIB)],
  },
  {
    name: 'files that are no rules, 400 MiB',
    pieces: () => {
      const many = gzipSync(
        Buffer.concat([header('notes.bin', 64 * MIB - 512), Buffer.alloc(64 * MIB - 512)]),
      )
      return [
        gzipSync(Buffer.concat([header('rules/a.yml', 512), Buffer.alloc(512, '#')])),
        ...Array.from({ length: 6 }, () => many),
      ]
    },
  },
  {
    name: '1,000,000 entries',
    pieces: () => {
      const entries = Buffer.concat(Array.from({ length: 10_000 }, (_, i) => header(`rules/${i}.txt`, 0)))
      const packed = gzipSync(entries)
      return Array.from({ length: 100 }, () => packed)
    },
  },
  {
    name: '200,000 rules',
    pieces: () => {
      const entries = Array.from({ length: 10_000 }, (_, i) =>
        Buffer.concat([header(`rules/${i}.yml`, RULE.length), Buffer.from(RULE.padEnd(512, '\0'))]),
      )
      const packed = gzipSync(Buffer.concat(entries))
      return Array.from({ length: 20 }, () => packed)
    },
  },
]

function header(
  path: string,
  size: number,
  more: { type?: 'SymbolicLink' | 'Link'; linkpath?: string } = {},
): Buffer {
  const block = Buffer.alloc(512)
  new Header({ path, size, mode: 0o644, type: 'File', mtime: new Date(0), ...more }).encode(block, 0)
  return block
}

/** Links in an archive and in a folder, to a file that is none of its business, and names that lead out. */
async function links(folder: string): Promise<Figure[]> {
  const secret = join(folder, 'secret.yml')
  writeFileSync(secret, 'password: of-nobody-else\n')
  const file = (path: string, text: string) =>
    Buffer.concat([header(path, text.length), Buffer.from(text.padEnd(512, '\0'))])
  const archive = join(folder, 'links.tar')
  writeFileSync(
    archive,
    Buffer.concat([
      file('rules/good.yml', RULE),
      header('rules/soft.yml', 0, { type: 'SymbolicLink', linkpath: secret }),
      header('rules/hard.yml', 0, { type: 'Link', linkpath: secret }),
      header('rules/out', 0, { type: 'SymbolicLink', linkpath: folder }),
      file('rules/out/planted.yml', RULE),
      file('rules/../../planted.yml', RULE),
      file(`${folder}/planted.yml`, RULE),
      Buffer.alloc(1024),
    ]),
  )
  const place = join(folder, 'rules-in-a-folder')
  mkdirSync(join(place, 'rules'), { recursive: true })
  writeFileSync(join(place, 'rules', 'good.yml'), RULE)
  symlinkSync(secret, join(place, 'rules', 'soft.yml'))
  symlinkSync(folder, join(place, 'rules', 'round'))
  const huge = join(place, 'rules', 'huge.yml')
  writeFileSync(huge, RULE)
  truncateSync(huge, 10 * GIB)
  const read = [...(await readPack(archive)).files, ...(await readPack(place)).files]
  return [
    { name: 'files read of archive and folder with links', value: read.length, must: { be: 3 } },
    {
      name: 'with what a link led to',
      value: read.filter(({ text }) => text.includes('of-nobody-else')).length,
      must: { be: 0 },
    },
    {
      name: 'files written outside',
      value: existsSync(join(folder, 'planted.yml')) ? 1 : 0,
      must: { be: 0 },
    },
  ]
}
